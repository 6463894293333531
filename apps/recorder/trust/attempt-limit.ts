import type { DurationMs, SteadyMs } from "#shared/time/units.ts";

/** Beyond so many addresses those that have not failed of late are forgotten. */
const MANY_ADDRESSES = 1_024;

/** Counts failures by address within a sliding window; pure but for its memory. */
export class AttemptLimit {
  readonly #limit: number;
  readonly #windowMs: DurationMs;
  /** When each address has failed, the newest last. */
  readonly #failures = new Map<string, SteadyMs[]>();

  /** @param limit - how many failures are allowed in any `windowMs`. */
  constructor(limit: number, windowMs: DurationMs) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Whether an address has had all its failures. */
  isSpent(address: string, now: SteadyMs): boolean {
    return this.#recent(address, now).length >= this.#limit;
  }

  noteFailure(address: string, now: SteadyMs): void {
    this.#failures.set(address, [...this.#recent(address, now), now]);
    if (this.#failures.size <= MANY_ADDRESSES) return;
    for (const known of this.#failures.keys())
      if (this.#recent(known, now).length === 0) this.#failures.delete(known);
  }

  #recent(address: string, now: SteadyMs): SteadyMs[] {
    return (this.#failures.get(address) ?? []).filter((at) => at > now - this.#windowMs);
  }
}
