import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";

/** The system clock may be set while a timer runs, so none runs for longer than this. */
const LONGEST_WAIT_MS: DurationMs = 10_000;
/** What is due may have to wait for something else: it is looked at again, but not in a busy loop. */
const SHORTEST_WAIT_MS: DurationMs = 10;
const WAIT_AFTER_FAULT_MS: DurationMs = 5_000;

export interface DueTimerOptions {
  /** What is timed, for the log. */
  name: string;
  clock: Clock;
  log: Log;
  /** The soonest due time; null: nothing is. */
  nextAt: () => EpochMs | null;
  /** Does what is due; when it throws, it is tried again in a while. */
  runDue: (now: EpochMs) => void;
}

/** One timer for many due times: runs what is due, then sleeps until the next is. */
export class DueTimer implements Disposable {
  readonly #options: DueTimerOptions;
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(options: DueTimerOptions) {
    this.#options = options;
  }

  /** To be called whenever due times have changed. */
  arm(): void {
    if (this.#isDisposed) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const next = this.#options.nextAt();
    if (next === null) return;
    const waitMs = Math.ceil(next - this.#options.clock.now());
    this.#wait(Math.min(Math.max(waitMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS));
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #wait(waitMs: DurationMs): void {
    this.#timer = setTimeout(() => this.#wake(), waitMs);
  }

  #wake(): void {
    const { name, clock, log, runDue } = this.#options;
    try {
      runDue(clock.now());
      this.arm();
    } catch (error) {
      log.error({ err: error, timer: name }, "timed work failed, to be tried again");
      if (!this.#isDisposed) this.#wait(WAIT_AFTER_FAULT_MS);
    }
  }
}
