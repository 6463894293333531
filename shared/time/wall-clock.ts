import type { EpochMs } from "./units.ts";

/** Where the time comes from; domain code gets times as arguments, edges get a clock. */
export interface Clock {
  /** Wall time now. Never runs backwards unless the system clock was really stepped. */
  now(): EpochMs;
}

/** System time and the monotonic clock may differ by this much before the wall clock is re-anchored. */
const REANCHOR_AT_MS = 20;

/** The two clocks of a machine, in milliseconds. */
export interface ClockSources {
  system(): EpochMs;
  monotonic(): number;
}

const MACHINE: ClockSources = { system: () => Date.now(), monotonic: () => performance.now() };

/** A step of the system clock: positive when it was set forward. */
export interface ClockStep {
  at: EpochMs;
  stepMs: number;
}

/**
 * A process's one idea of wall time: the monotonic clock on top of an anchor of system time, so that small corrections
 * (NTP slewing) do not make durations jump; a difference above {@link REANCHOR_AT_MS} is a step, reported and followed.
 */
export class WallClock implements Clock {
  #anchor: EpochMs;
  readonly #sources: ClockSources;
  readonly #onStep: (step: ClockStep) => void;

  constructor(onStep: (step: ClockStep) => void = () => {}, sources: ClockSources = MACHINE) {
    this.#sources = sources;
    this.#onStep = onStep;
    this.#anchor = sources.system() - sources.monotonic();
  }

  now(): EpochMs {
    const steady = this.#sources.monotonic();
    const stepMs = this.#sources.system() - steady - this.#anchor;
    if (Math.abs(stepMs) > REANCHOR_AT_MS) {
      this.#anchor += stepMs;
      this.#onStep({ at: this.#anchor + steady, stepMs });
    }
    return this.#anchor + steady;
  }
}
