import type { createConnection } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { decodeRecorderMessage, encodeMessage } from "#shared/protocol/codec.ts";
import {
  type DesktopMessage,
  type DesktopMessageOf,
  MAX_FRAME_BYTES,
  type RecorderMessage,
  type RecorderMessageOf,
  SUBPROTOCOL,
} from "#shared/protocol/messages.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Dial } from "./ports.ts";

/** What each request is answered with, unless with `error`. */
interface Replies {
  authenticate: "challenge";
  prove: "authenticated";
  enrol: "authenticated";
  hello: "welcome";
  displays: "ok";
  ping: "pong";
  "create-transport": "transport";
  "connect-transport": "ok";
  produce: "produced";
  "close-producer": "ok";
  "capture-failed": "ok";
  leave: "ok";
}
type RequestType = keyof Replies;
/** A request without its `id`, which the connection gives. */
export type RequestBody<Type extends RequestType> = Omit<DesktopMessageOf<Type>, "id">;
export type Reply<Type extends RequestType> = RecorderMessageOf<Replies[Type]>;
/** What the recorder may ask of a desktop. */
export type Command = RecorderMessageOf<"start" | "stop" | "policy">;

/** Why a connection ended; `code` of RFC 6455, 1006 when it just broke. */
export interface ConnectionEnd {
  code: number;
  reason: string;
  /** The code of the error that it broke by: Node's or the dialer's; null: none. */
  faultCode: string | null;
}

/** For the recorder's answer to the upgrade; the way to it has a limit of its own. */
const UPGRADE_TIMEOUT_MS: DurationMs = 5_000;
const REQUEST_TIMEOUT_MS: DurationMs = 5_000;
const REPLIES: { [Type in RequestType]: Replies[Type] } = {
  authenticate: "challenge",
  prove: "authenticated",
  enrol: "authenticated",
  hello: "welcome",
  displays: "ok",
  ping: "pong",
  "create-transport": "transport",
  "connect-transport": "ok",
  produce: "produced",
  "close-producer": "ok",
  "capture-failed": "ok",
  leave: "ok",
};

interface Waiting {
  resolve: (reply: RecorderMessage) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/**
 * As Node's HTTP client has a connection made: it may come later by the callback, which the types of ws do not know.
 */
function dialedBy(dial: Dial, url: string): typeof createConnection {
  const make = async (_options: unknown, done: (error: Error | null, socket?: Duplex) => void) => {
    try {
      done(null, await dial(url));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return ((...args: Parameters<typeof make>) => void make(...args)) as unknown as typeof createConnection;
}

function describeEnd(reason: string, error: Error | null): Omit<ConnectionEnd, "code"> {
  const faultCode = error !== null && "code" in error && typeof error.code === "string" ? error.code : null;
  return { reason: reason || (error === null ? "" : describeError(error)), faultCode };
}

/** One WebSocket to the recorder: requests with their replies, and the recorder's commands. */
export class RecorderConnection {
  /** Resolves at the end, whoever brought it about. */
  readonly closed: Promise<ConnectionEnd>;
  readonly #socket: WebSocket;
  readonly #log: Log;
  readonly #onCommand: (command: Command) => Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  readonly #isReady = Promise.withResolvers<void>();
  #commandTurn: Promise<void> = this.#isReady.promise;

  /** @param onCommand - carries a command out; `ack` is sent when it resolves, `error` when it rejects. */
  constructor(url: string, dial: Dial, onCommand: (command: Command) => Promise<void>, log: Log) {
    this.#log = log;
    this.#onCommand = onCommand;
    this.#socket = new WebSocket(url, SUBPROTOCOL, {
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      handshakeTimeout: UPGRADE_TIMEOUT_MS,
      createConnection: dialedBy(dial, url),
    });
    this.#socket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
    let lastError: Error | null = null;
    this.#socket.on("error", (error) => {
      lastError = error;
    });
    this.closed = new Promise((resolve) => {
      this.#socket.once("close", (code, reason) => {
        this.#abandonRequests();
        resolve({ code, ...describeEnd(reason.toString(), lastError) });
      });
    });
  }

  /** Resolves when requests can be sent. @throws DeskreelError `NOT_CONNECTED` */
  async opened(): Promise<void> {
    if (this.#socket.readyState === this.#socket.OPEN) return;
    const opened = new Promise<null>((resolve) => this.#socket.once("open", () => resolve(null)));
    const end = await Promise.race([opened, this.closed]);
    if (end !== null) throw new DeskreelError("NOT_CONNECTED", end.reason);
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws DeskreelError with the recorder's code when it refuses, `NO_ANSWER` after `timeoutMs`, `NOT_CONNECTED`.
   */
  async request<Type extends RequestType>(
    body: RequestBody<Type> & { t: Type },
    timeoutMs: DurationMs = REQUEST_TIMEOUT_MS,
  ): Promise<Reply<Type>> {
    const id = ++this.#lastId;
    const reply = await new Promise<RecorderMessage>((resolve, reject) => {
      if (this.#socket.readyState !== this.#socket.OPEN) {
        reject(new DeskreelError("NOT_CONNECTED", "there is no connection to the recorder"));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new DeskreelError("NO_ANSWER", `no answer to ${body.t} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#send({ ...body, id } as DesktopMessage);
    });
    if (reply.t === REPLIES[body.t]) return reply as Reply<Type>;
    if (reply.t === "error") throw new DeskreelError(reply.code, reply.message);
    throw new DeskreelError("WRONG_ANSWER", `${body.t} was answered with ${reply.t}`);
  }

  /** Carries out commands from now on, those that came already first: one may be in the same packet as the welcome. */
  takeCommands(): void {
    this.#isReady.resolve();
  }

  /** Ends the connection at once, without waiting for a peer that may be gone. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Ends the connection in good order. */
  close(): void {
    this.#socket.close(1000);
  }

  #receive(frame: Buffer, isBinary: boolean): void {
    let message: RecorderMessage;
    try {
      if (!isBinary) throw new DeskreelError("NOT_MSGPACK", "frames must be binary, found text");
      message = decodeRecorderMessage(frame);
    } catch (error) {
      this.#log.warn({ err: error }, "frame of the recorder refused");
      return;
    }
    if (message.t === "start" || message.t === "stop" || message.t === "policy") {
      const command = message;
      this.#commandTurn = this.#commandTurn.then(() => this.#carryOut(command));
      return;
    }
    if (message.id === null) {
      this.#log.warn({ reason: message.t === "error" ? message.message : "" }, "recorder reports a fault");
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    clearTimeout(waiting?.timer);
    waiting?.resolve(message);
  }

  async #carryOut(command: Command): Promise<void> {
    try {
      await this.#onCommand(command);
      this.#send({ t: "ack", id: command.id });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#log.warn({ err: error, command: command.t }, "command failed");
      this.#send({ t: "error", id: command.id, code: "COMMAND_FAILED", message: message.slice(0, 2_000) });
    }
  }

  #send(message: DesktopMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(encodeMessage(message));
  }

  #abandonRequests(): void {
    for (const [id, waiting] of this.#waiting) {
      clearTimeout(waiting.timer);
      this.#waiting.delete(id);
      waiting.reject(new DeskreelError("NOT_CONNECTED", "the connection ended before the answer"));
    }
  }
}
