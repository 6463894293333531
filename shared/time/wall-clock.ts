import type { DurationMs, EpochMs, SteadyMs } from "./units.ts";

/** Where the time comes from; domain code gets times as arguments, edges get a clock. */
export interface Clock {
  /** Wall time now. Never runs backwards unless the system clock was really stepped. */
  now(): EpochMs;
}

/**
 * A clock with a steady side. What happened and how long it took is measured in steady time, which no step of the system
 * clock disturbs; it is made wall time at the end, where it is stored or shown.
 */
export interface SteadyClock extends Clock {
  /** Steady time now. */
  steady(): SteadyMs;
  /** The wall time of a steady instant. One before a step keeps the wall time that it had. */
  wallAt(at: SteadyMs): EpochMs;
  /** Listeners are told after whoever asked for the time has finished; they must not throw. @returns ends the telling. */
  onStep(listener: (step: ClockStep) => void): () => void;
}

/** System time and the monotonic clock may differ by this much before the wall clock is re-anchored. */
const REANCHOR_AT_MS: DurationMs = 20;
/** Steps remembered; what was before the oldest of them is taken to have had the same wall clock as right before it. */
const MAX_STEPS = 256;

/** The two clocks of a machine, in milliseconds. */
export interface ClockSources {
  system(): EpochMs;
  monotonic(): SteadyMs;
}

const MACHINE: ClockSources = { system: () => Date.now(), monotonic: () => performance.now() };

/** A step of the system clock. */
export interface ClockStep {
  /** Wall time right after it. */
  at: EpochMs;
  /** Positive when the clock was set forward. */
  stepMs: DurationMs;
}

/**
 * A process's one idea of wall time: the monotonic clock on top of an anchor of system time, so that small corrections
 * (NTP slewing) do not make durations jump; a difference above {@link REANCHOR_AT_MS} is a step, told and followed.
 *
 * It has no timer: a step is noticed when somebody next asks for the time. A program whose media must know at once asks
 * often.
 */
export class WallClock implements SteadyClock {
  #anchor: EpochMs;
  readonly #sources: ClockSources;
  /** Where the anchor changed, oldest first, and what it was until then. */
  readonly #steps: { at: SteadyMs; anchorBefore: EpochMs }[] = [];
  readonly #listeners = new Set<(step: ClockStep) => void>();

  constructor(sources: ClockSources = MACHINE) {
    this.#sources = sources;
    this.#anchor = sources.system() - sources.monotonic();
  }

  now(): EpochMs {
    return this.steady() + this.#anchor;
  }

  steady(): SteadyMs {
    const steady = this.#sources.monotonic();
    const stepMs = this.#sources.system() - steady - this.#anchor;
    if (Math.abs(stepMs) > REANCHOR_AT_MS) this.#follow(stepMs, steady);
    return steady;
  }

  wallAt(at: SteadyMs): EpochMs {
    let anchor = this.#anchor;
    for (let index = this.#steps.length - 1; index >= 0; index--) {
      const step = this.#steps[index];
      if (step === undefined || at >= step.at) break;
      anchor = step.anchorBefore;
    }
    return anchor + at;
  }

  onStep(listener: (step: ClockStep) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #follow(stepMs: DurationMs, steady: SteadyMs): void {
    this.#steps.push({ at: steady, anchorBefore: this.#anchor });
    if (this.#steps.length > MAX_STEPS) this.#steps.shift();
    this.#anchor += stepMs;
    const step: ClockStep = { at: this.#anchor + steady, stepMs };
    // Whoever asks for the time may be in the middle of anything, a transaction for one.
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener(step);
    });
  }
}
