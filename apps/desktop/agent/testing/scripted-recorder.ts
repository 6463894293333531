import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { decodeDesktopMessage, encodeMessage } from "#shared/protocol/codec.ts";
import {
  type CapturePolicy,
  type DesktopFigures,
  CHANNEL_PATH,
  CLOSE_CODES,
  type DesktopMessage,
  type DesktopMessageOf,
  type RecorderMessage,
  type RecorderMessageOf,
} from "#shared/protocol/messages.ts";
import { isProofOf } from "#shared/trust/desktop-proof.ts";

export const TOKEN = "an-enrolment-token";
/** What it welcomes with. */
export const POLICY: CapturePolicy = {
  framesPerSecond: 5,
  maxBitrateKbps: 1_200,
  codecs: ["vp9"],
  monitors: "all",
};
const HEARTBEAT_MS = 50;
const NONCE = "c29tZXRoaW5nIG5ldw";

/** A recorder of a few lines: welcomes who has the token and the key, answers pings, and says what the test says. */
export class ScriptedRecorder implements AsyncDisposable {
  readonly hellos: DesktopMessageOf<"hello">[] = [];
  /** How each desktop has shown who it is. */
  readonly proofs: DesktopMessageOf<"enrol" | "prove">[] = [];
  /** The public keys that it knows. */
  readonly keys = new Set<string>();
  /** A command that goes right after the welcome, within one packet. */
  orderAtWelcome: RecorderMessageOf<"start"> | null = null;
  /** What it closes the connection with instead of a welcome. */
  refusal: number | null = null;
  /** Everything else but pings. */
  readonly heard: DesktopMessage[] = [];
  /** How far its clock is ahead of the machine's, in ms. */
  clockAheadMs = 0;
  /** What pongs renew the capture to, in ms from then; null = it knows of no recording. */
  leaseMs: number | null = null;
  /** How many heartbeats it has heard. */
  pings = 0;
  /** What the heartbeats told. */
  readonly figures: DesktopFigures[] = [];
  /** Pings are left unanswered. */
  isDeaf = false;
  /** The transport that it claims to hold still. */
  heldTransportId: string | null = null;
  readonly #server: WebSocketServer;
  #client: WebSocket | null = null;
  #challenged = "";

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (client) => {
      this.#client = client;
      client.on("message", (frame) => this.#answer(client, decodeDesktopMessage(frame as Buffer)));
    });
  }

  static async listen(port = 0): Promise<ScriptedRecorder> {
    const server = new WebSocketServer({ host: "127.0.0.1", port });
    await once(server, "listening");
    return new ScriptedRecorder(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}${CHANNEL_PATH}`;
  }

  now(): number {
    return Date.now() + this.clockAheadMs;
  }

  send(message: RecorderMessage): void {
    this.#client?.send(encodeMessage(message));
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#client?.terminate();
  }

  /** Ends the connection with a code of its own. */
  putOut(code: number): void {
    this.#client?.close(code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(client: WebSocket, message: DesktopMessage): void {
    const reply = this.#replyTo(message);
    if (reply !== null) client.send(encodeMessage(reply));
    if (reply?.t === "welcome" && this.orderAtWelcome !== null)
      client.send(encodeMessage(this.orderAtWelcome));
    if (reply?.t === "error") client.close(this.refusal ?? CLOSE_CODES.unauthorized);
  }

  #replyTo(message: DesktopMessage): RecorderMessage | null {
    const id = message.id ?? 1;
    if (message.t === "authenticate") {
      this.#challenged = message.publicKey;
      return { t: "challenge", id, nonce: NONCE, isKnown: this.keys.has(message.publicKey) };
    }
    if (message.t === "enrol" || message.t === "prove") return this.#judgeProof(message, id);
    if (message.t === "hello") {
      this.hellos.push(message);
      if (this.refusal !== null) return { t: "error", id, code: "REFUSED", message: "not today" };
      return {
        t: "welcome",
        id,
        policy: POLICY,
        routerRtpCapabilities: {},
        serverTime: this.now(),
        heartbeatMs: HEARTBEAT_MS,
        transportId: this.heldTransportId,
      };
    }
    if (message.t === "ping") {
      if (this.isDeaf) return null;
      this.pings += 1;
      if (message.figures !== undefined) this.figures.push(message.figures);
      const stopNoLaterThan = this.leaseMs === null ? null : this.now() + this.leaseMs;
      return { t: "pong", id, sentAt: message.sentAt, serverTime: this.now(), stopNoLaterThan };
    }
    this.heard.push(message);
    return message.t === "ack" || message.t === "error" ? null : { t: "ok", id };
  }

  #judgeProof(message: DesktopMessageOf<"enrol" | "prove">, id: number): RecorderMessage {
    this.proofs.push(message);
    const publicKey = this.#challenged;
    const { t: purpose, host, device, osUser, signature } = message;
    if (!isProofOf({ purpose, nonce: NONCE, host, publicKey, device, osUser }, signature))
      return { t: "error", id, code: "WRONG_SIGNATURE", message: "wrong signature" };
    if (message.t === "enrol" && message.token !== TOKEN)
      return { t: "error", id, code: "WRONG_TOKEN", message: "wrong token" };
    this.keys.add(publicKey);
    return { t: "authenticated", id, desktopId: "D1" };
  }
}
