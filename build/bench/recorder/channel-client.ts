import { WebSocket } from "ws";
import { decodeRecorderMessage, encodeMessage } from "#shared/protocol/codec.ts";
import {
  CHANNEL_PATH,
  type DesktopMessage,
  type Display,
  type RecorderMessage,
  type RecorderMessageOf,
  SUBPROTOCOL,
} from "#shared/protocol/messages.ts";
import { makeDesktopKey, proofFor } from "#shared/trust/desktop-proof.ts";

type Request = Exclude<DesktopMessage, { t: "ack" | "error" }>;
type WithoutId<Message> = Message extends unknown ? Omit<Message, "id"> : never;

/** Who a benchmark's desktop says it is. */
export interface DesktopWho {
  /** `ws://…` of the recorder. */
  url: string;
  enrollmentToken: string;
  agent: string;
  device: string;
}

/** The one display of every benchmark's desktop. */
export const DISPLAY: Display = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };

/** What a desktop hears of its connection. */
export interface ChannelEvents {
  onCommand(isStart: boolean): void;
  /** The connection ended, and why; there is no other one. */
  onLost(why: string): void;
}

/** The desktop's end of the real channel: asks, answers commands, keeps the heartbeat. */
export class ChannelClient {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: RecorderMessage) => void>();
  #nextId = 1;
  #heartbeat: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket, events: ChannelEvents) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const message = decodeRecorderMessage(data as Buffer);
      if (message.t === "start" || message.t === "stop") {
        this.#socket.send(encodeMessage({ t: "ack", id: message.id }));
        events.onCommand(message.t === "start");
      } else if (message.id !== null) {
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
      }
    });
    socket.on("close", (code, reason) => {
      clearInterval(this.#heartbeat);
      events.onLost(`${code} ${reason.toString()}`);
    });
  }

  /** Connects, enrols and says hello. */
  static async open(
    who: DesktopWho,
    events: ChannelEvents,
  ): Promise<{ client: ChannelClient; welcome: RecorderMessageOf<"welcome"> }> {
    const socket = new WebSocket(`${who.url}${CHANNEL_PATH}`, SUBPROTOCOL);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const client = new ChannelClient(socket, events);
    await client.#enrol(who);
    const welcome = await client.ask(
      {
        t: "hello",
        agent: who.agent,
        device: who.device,
        osUser: who.device,
        displays: [DISPLAY],
        appVersion: "0.0.0-bench",
        recordings: [],
        transportId: null,
      },
      "welcome",
    );
    client.#heartbeat = setInterval(() => {
      void client.ask({ t: "ping", sentAt: Date.now() }, "pong");
    }, welcome.heartbeatMs);
    return { client, welcome };
  }

  /** With a key of this connection's own: each desktop of a benchmark connects once. */
  async #enrol({ url, device, enrollmentToken: token }: DesktopWho): Promise<void> {
    const { publicKey, privateKey } = makeDesktopKey();
    const { nonce } = await this.ask({ t: "authenticate", publicKey }, "challenge");
    const host = new URL(url).hostname;
    const facts = { purpose: "enrol", nonce, host, publicKey, device, osUser: device } as const;
    await this.ask({ t: "enrol", ...proofFor(privateKey, facts, "plain"), token }, "authenticated");
  }

  /** @throws Error with the recorder's own words when it refuses. */
  async ask<Answer extends RecorderMessage["t"]>(
    request: WithoutId<Request>,
    answer: Answer,
  ): Promise<RecorderMessageOf<Answer>> {
    const id = this.#nextId++;
    const answered = new Promise<RecorderMessage>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(encodeMessage({ ...request, id }));
    const message = await answered;
    if (message.t === answer) return message as RecorderMessageOf<Answer>;
    throw new Error(`${request.t} was answered with ${JSON.stringify(message)}`);
  }
}
