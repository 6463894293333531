import { WebSocket } from "ws";
import { decodeRecorderMessage, encodeMessage } from "#shared/protocol/codec.ts";
import {
  CHANNEL_PATH,
  type DesktopMessage,
  type DesktopMessageOf,
  type RecorderMessage,
  SUBPROTOCOL,
} from "#shared/protocol/messages.ts";
import { makeDesktopKey, type ProofFacts, proofFor } from "#shared/trust/desktop-proof.ts";
import { SITE_TOKEN } from "./test-trust.ts";

export const DISPLAY = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };

export type TestKey = ReturnType<typeof makeDesktopKey>;

/** How a desktop comes in; whatever is not told is right. */
export interface Introduction {
  key?: TestKey;
  token?: string;
  device?: string;
  osUser?: string;
  agent?: string;
  recordings?: string[];
  transportId?: string | null;
  /** What it signs instead of the truth. */
  signed?: Partial<ProofFacts>;
  /** What it says instead of what it has signed. */
  said?: Partial<DesktopMessageOf<"enrol">>;
  /** Answers the challenge as if its key were (not) known. */
  purpose?: "enrol" | "prove";
}

/** A desktop of which every word is the test's. */
export class TestDesktop {
  readonly socket: WebSocket;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<number>;
  readonly #received: RecorderMessage[] = [];
  #wake: () => void = () => {};

  constructor(
    port: number,
    options: { path?: string; protocol?: string; headers?: Record<string, string> } = {},
  ) {
    const { path = CHANNEL_PATH, protocol = SUBPROTOCOL, headers = {} } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol, { headers });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once("open", resolve).once("error", reject);
    });
    this.closed = new Promise((resolve) => this.socket.once("close", resolve));
    this.socket.on("message", (data) => {
      this.#received.push(decodeRecorderMessage(data as Buffer));
      this.#wake();
    });
  }

  async next(): Promise<RecorderMessage> {
    for (;;) {
      const message = this.#received.shift();
      if (message) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends and gives back what comes next. */
  ask(message: DesktopMessage): Promise<RecorderMessage> {
    this.socket.send(encodeMessage(message));
    return this.next();
  }

  /** Asks for a challenge and answers it. @returns the recorder's word on that. */
  async authenticate(how: Introduction = {}): Promise<RecorderMessage> {
    await this.opened;
    const { key = makeDesktopKey(), token = SITE_TOKEN, device = "PC-1", osUser = "ann" } = how;
    const { publicKey, privateKey } = key;
    const challenge = await this.ask({ t: "authenticate", id: 1, publicKey });
    if (challenge.t !== "challenge") return challenge;
    const purpose = how.purpose ?? (challenge.isKnown ? "prove" : "enrol");
    const truth = { purpose, nonce: challenge.nonce, host: "127.0.0.1", publicKey, device, osUser };
    const proof = { id: 2, ...proofFor(privateKey, { ...truth, ...how.signed }, "plain"), ...how.said };
    return this.ask(purpose === "enrol" ? { ...proof, t: "enrol", token } : { ...proof, t: "prove" });
  }

  hello(how: Introduction = {}): Promise<RecorderMessage> {
    const { device = "PC-1", osUser = "ann", agent = "ann@contoso.com" } = how;
    const { recordings = [], transportId = null } = how;
    return this.ask({
      ...{ t: "hello", id: 3, agent, device, osUser, displays: [DISPLAY], appVersion: "0.1.0" },
      ...{ recordings, transportId },
    });
  }
}
