import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";

/** Files go within this long after their time; the keeping time itself is hours. */
const LOOK_EVERY_MS: DurationMs = 60_000;
const HOUR_MS: DurationMs = 3_600_000;

/** Erases the files of recordings that were acknowledged longer ago than `keepHours`, until it is disposed of. */
export class AckedRetention implements AsyncDisposable {
  readonly #keepMs: DurationMs;
  readonly #buffer: CallBuffer;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<unknown> = Promise.resolve();

  constructor(keepHours: number, buffer: CallBuffer, clock: Clock, log: Log) {
    this.#keepMs = keepHours * HOUR_MS;
    this.#buffer = buffer;
    this.#clock = clock;
    this.#log = log;
    this.#timer = setInterval(() => void this.eraseDue(), LOOK_EVERY_MS);
  }

  /** Erases what is due now, at most a hundred recordings. Never rejects. @returns how many have gone. */
  eraseDue(): Promise<number> {
    const erased = this.#running.then(() => this.#erase());
    this.#running = erased;
    return erased;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #erase(): Promise<number> {
    try {
      const erased = await this.#buffer.erasure.eraseAcked(this.#keepMs, this.#clock.now());
      for (const recordingId of erased) this.#log.info({ recordingId }, "handed-off files erased");
      return erased.length;
    } catch (error) {
      this.#log.error({ err: error }, "handed-off files could not be erased, to be tried again");
      return 0;
    }
  }
}
