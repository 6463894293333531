import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { WebSocket } from "ws";
import { decodeRecorderMessage, encodeMessage } from "#shared/protocol/codec.ts";
import {
  CHANNEL_PATH,
  type DesktopMessage,
  type Display,
  type RecorderMessage,
  SUBPROTOCOL,
} from "#shared/protocol/messages.ts";
import { makeDesktopKey, proofFor } from "#shared/trust/desktop-proof.ts";
import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { loopCapture, type TimedPacket } from "./rtp-loop.ts";

const RECONNECT_MS: DurationMs = 100;
const PING_MS: DurationMs = 1_000;
const FIRST_PAYLOAD_TYPE = 101;
const PLACE = { device: "SOAK-PC", osUser: "soak" };

export interface RtpDesktopOptions {
  /** `ws://…` of the recorder. */
  url: string;
  agent: string;
  /** Tokens are made by the recorder's first start. */
  token: () => Promise<string>;
  /** Their ids; each is one stream. */
  displays: readonly string[];
}

/** The first display sends the first, and so on. AV1 is not among them: mediasoup knows its key frames by a header extension only. */
const STREAMS: readonly { codec: Codec; parameters: Record<string, unknown> }[] = [
  { codec: "vp9", parameters: { "profile-id": 0 } },
  { codec: "h264", parameters: { "packetization-mode": 1, "profile-level-id": "42e01f" } },
  { codec: "vp8", parameters: {} },
];

/** A request of the desktop as its words; its number is given when it is sent. */
type Request = DesktopMessage extends infer Message
  ? Message extends { t: string; id: number }
    ? Omit<Message, "id">
    : never
  : never;

/**
 * A desktop that speaks the real channel and sends recorded RTP, from its first packet anew whenever it has to connect
 * again. It does so for ever, as a real one does.
 */
export class RtpDesktop implements Disposable {
  readonly #options: RtpDesktopOptions;
  readonly #key = makeDesktopKey();
  #isEnded = false;
  #connection: DesktopLine | null = null;
  connections = 0;

  constructor(options: RtpDesktopOptions) {
    this.#options = options;
    void this.#run();
  }

  [Symbol.dispose](): void {
    this.#isEnded = true;
    this.#connection?.end();
  }

  async #run(): Promise<void> {
    while (!this.#isEnded) {
      this.#connection = new DesktopLine(this.#options, this.#key);
      await this.#connection.speak().then(
        () => (this.connections += 1),
        // The recorder is away, or was killed meanwhile.
        () => {},
      );
      this.#connection.end();
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }
}

/** One connection, and the streams that it has begun. */
class DesktopLine {
  readonly #options: RtpDesktopOptions;
  readonly #key: ReturnType<typeof makeDesktopKey>;
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: RecorderMessage) => void>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #udp: Socket | null = null;
  #nextId = 1;
  #isSending = false;

  constructor(options: RtpDesktopOptions, key: ReturnType<typeof makeDesktopKey>) {
    this.#options = options;
    this.#key = key;
    this.#socket = new WebSocket(`${options.url}${CHANNEL_PATH}`, SUBPROTOCOL);
    this.#socket.on("message", (data) => this.#hear(decodeRecorderMessage(data as Buffer)));
  }

  /** Resolves when the connection has ended that stood once; rejects when it never did. */
  async speak(): Promise<void> {
    const closed = once(this.#socket, "close");
    closed.catch(() => {});
    await once(this.#socket, "open");
    await this.#authenticate();
    const { agent, displays } = this.#options;
    await this.#ask({
      ...{ t: "hello", agent, ...PLACE, appVersion: "0.1.0" },
      displays: displays.map(displayOf),
      recordings: [],
      transportId: null,
    });
    this.#every(PING_MS, () => void this.#ask({ t: "ping", sentAt: Date.now() }));
    await closed;
  }

  async #authenticate(): Promise<void> {
    const { url, token } = this.#options;
    const { publicKey, privateKey } = this.#key;
    const challenge = await this.#ask({ t: "authenticate", publicKey });
    if (challenge.t !== "challenge") throw new Error(`authenticate was answered ${challenge.t}`);
    const { nonce, isKnown } = challenge;
    const facts = { nonce, host: new URL(url).hostname, publicKey, ...PLACE };
    const proofOf = (purpose: "prove" | "enrol") => proofFor(privateKey, { ...facts, purpose }, "plain");
    const answer = await this.#ask(
      isKnown
        ? { t: "prove", ...proofOf("prove") }
        : { t: "enrol", ...proofOf("enrol"), token: await token() },
    );
    if (answer.t !== "authenticated") throw new Error(`the key was answered ${answer.t}`);
  }

  end(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#socket.removeAllListeners("message");
    // Until it is open it may still fail, and that is nobody's concern any more.
    this.#socket.on("error", () => {});
    this.#socket.terminate();
    this.#udp?.close();
    this.#udp = null;
  }

  #hear(message: RecorderMessage): void {
    const answer = message.id === null ? undefined : this.#answers.get(message.id);
    if (message.t === "start" || message.t === "stop") {
      this.#socket.send(encodeMessage({ t: "ack", id: message.id }));
      // Its end is the call's; what goes on until then is the recorder's to ignore.
      if (message.t === "start" && !this.#isSending) {
        this.#isSending = true;
        this.#send().catch(() => this.#socket.terminate());
      }
    } else if (answer !== undefined) {
      this.#answers.delete(message.id ?? 0);
      answer(message);
    }
  }

  #ask(request: Request): Promise<RecorderMessage> {
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<RecorderMessage>();
    this.#answers.set(id, resolve);
    this.#socket.send(encodeMessage({ ...request, id }));
    return promise;
  }

  async #send(): Promise<void> {
    const transport = await this.#ask({ t: "create-transport" });
    if (transport.t !== "transport") throw new Error(`create-transport was answered ${transport.t}`);
    const { transportId } = transport;
    await this.#ask({ t: "connect-transport", transportId, dtlsParameters: {} });
    const udp = createSocket("udp4");
    this.#udp = udp;
    const port = Number(transport.iceParameters["port"]);
    for (const [index, id] of this.#options.displays.entries()) {
      const ssrc = 1_000 + index;
      const { codec, parameters } = STREAMS[index % STREAMS.length] ?? { codec: "vp9", parameters: {} };
      const payloadType = FIRST_PAYLOAD_TYPE + index;
      const mimeType = `video/${codec.toUpperCase()}`;
      const rtpParameters = {
        codecs: [{ mimeType, payloadType, clockRate: 90_000, parameters, rtcpFeedback: [] }],
        encodings: [{ ssrc }],
        rtcp: { cname: id },
      };
      const produced = await this.#ask({ t: "produce", transportId, display: displayOf(id), rtpParameters });
      if (produced.t !== "produced") throw new Error(`produce was answered ${produced.t}`);
      this.#play(loopCapture({ codec, ssrc, payloadType }, Date.now()), (packet) =>
        udp.send(packet, port, "127.0.0.1"),
      );
    }
  }

  /** Sends each packet when it is due. */
  #play(packets: Generator<TimedPacket>, send: (packet: Buffer) => void): void {
    const startedAt = performance.now();
    let next = packets.next();
    this.#every(5, () => {
      while (!next.done && performance.now() - startedAt >= next.value.atMs) {
        if (this.#udp !== null) send(next.value.bytes);
        next = packets.next();
      }
    });
  }

  #every(everyMs: DurationMs, act: () => void): void {
    this.#timers.add(setInterval(act, everyMs));
  }
}

function displayOf(id: string): Display {
  return { id, width: 640, height: 360, scale: 1, primary: id === "1" };
}
