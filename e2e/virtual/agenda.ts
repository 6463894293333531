import type { EpochMs } from "#shared/time/units.ts";

/** Things to do at moments of a time that only goes on from one of them to the next. */
export class Agenda {
  readonly #entries: { at: EpochMs; number: number; job: () => Promise<void> }[] = [];
  #count = 0;
  #now: EpochMs;

  constructor(startAt: EpochMs) {
    this.#now = startAt;
  }

  now(): EpochMs {
    return this.#now;
  }

  /** What is added for the same moment is done in the order of adding. */
  add(at: EpochMs, job: () => Promise<void>): void {
    this.#count += 1;
    this.#entries.push({ at: Math.max(at, this.#now), number: this.#count, job });
  }

  /** Does everything, also what is added meanwhile; `between` after each. */
  async run(between: () => Promise<void>): Promise<void> {
    for (;;) {
      this.#entries.sort((left, right) => right.at - left.at || right.number - left.number);
      const next = this.#entries.pop();
      if (next === undefined) return;
      this.#now = next.at;
      await next.job();
      await between();
    }
  }
}
