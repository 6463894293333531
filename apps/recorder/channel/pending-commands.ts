import type { DesktopMessage } from "#shared/protocol/messages.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { DurationMs } from "#shared/time/units.ts";

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** Commands that were sent and not yet answered. */
export class PendingCommands {
  readonly #waiting = new Map<number, Waiting>();
  readonly #timeoutMs: DurationMs;
  readonly #onTimeout: () => void;
  #lastId = 0;

  /** @param onTimeout - called when a command stayed without answer for `timeoutMs`. */
  constructor(timeoutMs: DurationMs, onTimeout: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
  }

  /** Sends a command under a new id; settles with its `ack`, its `error`, or the end of the connection. */
  send(sendWithId: (id: number) => void): Promise<void> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle(id)?.reject(
          new DeskreelError("NO_ACK", `the desktop did not answer a command within ${this.#timeoutMs} ms`),
        );
        this.#onTimeout();
      }, this.#timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      sendWithId(id);
    });
  }

  /** An `ack` or `error` of the desktop; one for no command of ours is none of our business. */
  settle(answer: Extract<DesktopMessage, { t: "ack" | "error" }>): void {
    const waiting = answer.id === null ? undefined : this.#settle(answer.id);
    if (answer.t === "ack") waiting?.resolve();
    else waiting?.reject(new DeskreelError(answer.code, `the desktop refused: ${answer.message}`));
  }

  /** The connection is gone. */
  abandon(): void {
    for (const id of [...this.#waiting.keys()])
      this.#settle(id)?.reject(new DeskreelError("DESKTOP_GONE", "the connection ended before the answer"));
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}
