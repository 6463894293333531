import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { KeepingClock } from "../call-buffer/keeping-clock.ts";

/** Files go within this long after their time; the keeping time itself is hours. */
const LOOK_EVERY_MS: DurationMs = 60_000;
const HOUR_MS: DurationMs = 3_600_000;

export interface AckedRetentionOptions {
  keepHours: number;
  buffer: CallBuffer;
  /** Whose steps are waited for. */
  clock: Pick<SteadyClock, "onStep">;
  /** What acknowledgements are dated by. */
  keeping: KeepingClock;
  log: Log;
}

/** Erases the files of recordings that were acknowledged longer ago than `keepHours`, until it is disposed of. */
export class AckedRetention implements AsyncDisposable {
  readonly #options: AckedRetentionOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: AckedRetentionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.eraseDue(), LOOK_EVERY_MS);
    // At once: a recorder that ends in between would not know of it.
    this.#stopListening = options.clock.onStep(() => void this.eraseDue());
  }

  /** Erases what is due now, at most a hundred recordings. Never rejects. @returns how many have gone. */
  eraseDue(): Promise<number> {
    const erased = this.#running.then(() => this.#erase());
    this.#running = erased;
    return erased;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stopListening();
    await this.#running;
  }

  async #erase(): Promise<number> {
    const { buffer, keepHours, keeping, log } = this.#options;
    try {
      if (keeping.isSet) await buffer.commit(() => keeping.store());
      const erased = await buffer.erasure.eraseAcked(keepHours * HOUR_MS, keeping.now());
      for (const recordingId of erased) log.info({ recordingId }, "handed-off files erased");
      return erased.length;
    } catch (error) {
      log.error({ err: error }, "handed-off files could not be erased, to be tried again");
      return 0;
    }
  }
}
