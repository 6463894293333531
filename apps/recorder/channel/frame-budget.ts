import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** Counts what happened within a sliding window; pure but for its memory. */
export class FrameBudget {
  readonly #limit: number;
  readonly #windowMs: DurationMs;
  #times: EpochMs[] = [];

  /** @param limit - how many are allowed in any `windowMs`. */
  constructor(limit: number, windowMs: DurationMs) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Counts one more; false when that is above the limit. */
  spend(now: EpochMs): boolean {
    this.#times = this.#times.filter((time) => time > now - this.#windowMs);
    this.#times.push(now);
    return this.#times.length <= this.#limit;
  }
}
