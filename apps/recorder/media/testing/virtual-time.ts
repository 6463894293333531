import { onTestFinished, vi } from "vitest";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";

interface Happening {
  at: DurationMs;
  happen: () => void;
}

/** After so much virtual time the disk gets its turn. */
const YIELD_EVERY_MS: DurationMs = 2_000;

/**
 * Hours that pass in seconds: what was planned happens in its order, timers (`setTimeout`) go with it, and the clock is the
 * real one on hands of its own. The disk is real and gets its turn now and then.
 */
export class VirtualTime {
  readonly clock: WallClock;
  readonly #startedAt: EpochMs;
  /** Latest first. */
  readonly #planned: Happening[] = [];
  readonly #steps: { at: DurationMs; stepMs: DurationMs }[] = [];
  #now: DurationMs = 0;

  /** Timers are this one's until the test is finished. */
  constructor(startedAt: EpochMs) {
    this.#startedAt = startedAt;
    this.clock = new WallClock({ system: () => this.wallAt(this.#now), monotonic: () => this.#now });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
  }

  /** Milliseconds since the beginning. */
  get now(): DurationMs {
    return this.#now;
  }

  plan(at: DurationMs, happen: () => void): void {
    let index = this.#planned.length;
    while (index > 0 && (this.#planned[index - 1]?.at ?? 0) <= at) index -= 1;
    this.#planned.splice(index, 0, { at, happen });
  }

  /** At the beginning, and again and again. */
  planEvery(distanceMs: () => DurationMs, happen: () => void): void {
    const again = () => {
      happen();
      this.plan(this.#now + distanceMs(), again);
    };
    this.plan(this.#now, again);
  }

  /** The system's clock is set. */
  planStep(at: DurationMs, stepMs: DurationMs): void {
    this.plan(at, () => void this.#steps.push({ at, stepMs }));
  }

  /** What the system's clock shows then: the truth. */
  wallAt(at: DurationMs): EpochMs {
    const steppedMs = this.#steps.reduce((sum, step) => (step.at <= at ? sum + step.stepMs : sum), 0);
    return this.#startedAt + at + steppedMs;
  }

  async runUntil(end: DurationMs): Promise<void> {
    let yieldAt = this.#now;
    for (;;) {
      const next = this.#planned.at(-1);
      if (next === undefined || next.at > end) return;
      this.#planned.pop();
      const elapsedMs = next.at - this.#now;
      this.#now = next.at;
      vi.advanceTimersByTime(elapsedMs);
      next.happen();
      // Steps of the clock are told in a microtask.
      await Promise.resolve();
      if (this.#now < yieldAt) continue;
      yieldAt = this.#now + YIELD_EVERY_MS;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
