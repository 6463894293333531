import type { RawData, WebSocket } from "ws";
import { decodeDesktopMessage, encodeMessage, ProtocolError } from "#shared/protocol/codec.ts";
import { type CapturePolicy, CLOSE_CODES, type RecorderMessage } from "#shared/protocol/messages.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { CaptureCommand, DesktopLink } from "../capture/desktop-link.ts";
import type { DesktopSession } from "../capture/desktop-session.ts";
import { answerRequest, type DesktopRequest } from "./answer-request.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";
import { FrameBudget } from "./frame-budget.ts";
import { PendingCommands } from "./pending-commands.ts";

/** A desktop sends about one message a second; setting up 16 monitors takes some 50. */
const MAX_MESSAGES_PER_SECOND = 100;
const MAX_FAULTS_PER_MINUTE = 10;
const COMMAND_TIMEOUT_MS: DurationMs = 5_000;

type ConversationFacts = Omit<
  Conversation,
  "link" | "challenge" | "key" | "speaker" | "replaceOthers" | "afterwards"
>;

export interface ConnectionOptions {
  facts: ConversationFacts;
  /** Without any message for this long the desktop counts as lost. */
  silentAfterMs: DurationMs;
  replaceOthers: (connection: DesktopConnection, desktop: DesktopSession) => void;
  log: Log;
}

/** One WebSocket of a desktop: reads frames, answers requests in their order, sends commands, watches the heartbeat. */
export class DesktopConnection implements DesktopLink {
  /** Resolves when the socket is closed and its desktop told so. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #log: Log;
  readonly #conversation: Conversation;
  readonly #commands = new PendingCommands(COMMAND_TIMEOUT_MS, () =>
    this.close(CLOSE_CODES.silent, "a command stayed unanswered"),
  );
  readonly #rate = new FrameBudget(MAX_MESSAGES_PER_SECOND, 1_000);
  readonly #faults = new FrameBudget(MAX_FAULTS_PER_MINUTE, 60_000);
  readonly #heartbeat: NodeJS.Timeout;
  #isWelcomed = false;
  #afterwards: (() => void)[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#log = options.log;
    this.#conversation = {
      ...options.facts,
      link: this,
      challenge: null,
      key: null,
      speaker: null,
      replaceOthers: (desktop) => options.replaceOthers(this, desktop),
      afterwards: (job) => this.#afterwards.push(job),
    };
    this.#heartbeat = setTimeout(
      () => this.close(CLOSE_CODES.silent, `silent for ${options.silentAfterMs} ms`),
      options.silentAfterMs,
    );
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("error", (error) => this.#log.warn({ err: error }, "desktop socket failed"));
    this.closed = new Promise((resolve) => {
      socket.once("close", (code) => {
        this.#end(code);
        resolve();
      });
    });
  }

  /** The key that it has proved to have. */
  get key(): Conversation["key"] {
    return this.#conversation.key;
  }

  /** Whose connection it is, once it has said so. */
  get desktop(): DesktopSession | null {
    return this.#conversation.speaker?.desktop ?? null;
  }

  // Before `welcome` a command would find a desktop that cannot send yet; what holds then follows right after it.
  async start(command: CaptureCommand): Promise<void> {
    if (this.#isWelcomed) await this.#commands.send((id) => this.#send({ t: "start", id, ...command }));
  }

  async stop(): Promise<void> {
    if (this.#isWelcomed) await this.#commands.send((id) => this.#send({ t: "stop", id }));
  }

  async setPolicy(policy: CapturePolicy): Promise<void> {
    if (this.#isWelcomed) await this.#commands.send((id) => this.#send({ t: "policy", id, policy }));
  }

  dismiss(reason: "moved" | "media-lost"): void {
    if (reason === "moved")
      this.close(CLOSE_CODES.moved, "this desktop is another agent's from now on; say hello again");
    else this.close(CLOSE_CODES.mediaLost, "the recorder's media has begun anew; say hello again");
  }

  /** Ends the connection; a peer that does not take part in the closing handshake is cut off soon after. */
  close(code: number, reason: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#log.info({ code, reason }, "desktop connection closed by us");
    // A desktop that is replaced or silent is not spoken for by this socket any more, closed or not.
    this.#leave();
    this.#socket.close(code, reason.slice(0, 120));
    if (code === CLOSE_CODES.silent) this.#socket.terminate();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    // Who has not proved its key has no more time than that for it, whatever it sends.
    if (this.key !== null) this.#heartbeat.refresh();
    if (!this.#rate.spend(performance.now())) {
      this.#refuse(
        null,
        new RequestRefused(
          "TOO_FAST",
          `more than ${MAX_MESSAGES_PER_SECOND} messages in a second`,
          CLOSE_CODES.protocolViolation,
        ),
      );
      return;
    }
    try {
      if (!isBinary) throw new ProtocolError("NOT_MSGPACK", "frames must be binary, found text", null);
      const message = decodeDesktopMessage(data as Buffer);
      if (message.t === "ack" || message.t === "error") this.#commands.settle(message);
      else this.#turn = this.#turn.then(() => this.#answer(message));
    } catch (error) {
      const isTooLarge = error instanceof ProtocolError && error.code === "FRAME_TOO_LARGE";
      const isTooMany = !this.#faults.spend(performance.now());
      this.#refuse(
        error instanceof ProtocolError ? error.requestId : null,
        error,
        isTooLarge || isTooMany ? CLOSE_CODES.protocolViolation : null,
      );
    }
  }

  async #answer(request: DesktopRequest): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    try {
      const answer = await answerRequest(request, this.#conversation);
      this.#send(answer);
      this.#isWelcomed ||= answer.t === "welcome";
      for (const job of this.#afterwards.splice(0)) job();
    } catch (error) {
      this.#refuse(request.id, error, error instanceof RequestRefused ? error.closeCode : null);
    }
  }

  #refuse(id: number | null, error: unknown, closeCode: number | null = null): void {
    const code = error instanceof DeskreelError ? error.code : "FAILED";
    const message = describeError(error).slice(0, 2_000);
    this.#log.warn({ code, reason: message }, "message refused");
    this.#send({ t: "error", id, code, message });
    const close = closeCode ?? (error instanceof RequestRefused ? error.closeCode : null);
    if (close !== null) this.close(close, message);
  }

  #send(message: RecorderMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(encodeMessage(message));
  }

  #leave(): void {
    clearTimeout(this.#heartbeat);
    this.#commands.abandon();
    const { speaker } = this.#conversation;
    if (speaker?.desktop.disconnect(this)) speaker.agent.desktopLost();
  }

  #end(code: number): void {
    this.#leave();
    this.#log.info({ code }, "desktop connection ended");
  }
}
