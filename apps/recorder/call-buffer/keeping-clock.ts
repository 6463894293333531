import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock, SteadyClock } from "#shared/time/wall-clock.ts";
import type { Catalogue } from "./database.ts";

/** Below this nothing is stored: corrections of a clock, not somebody who sets it. */
const WORTH_STORING_MS: DurationMs = 1_000;

/** The catalogue's memory of how far the clock has been set in all. */
export class ClockShift {
  readonly #read;
  readonly #write;

  constructor(catalogue: Catalogue) {
    this.#read = catalogue
      .prepare<[], DurationMs>("SELECT set_forward_ms FROM keeping_clock WHERE id = 1")
      .pluck();
    this.#write = catalogue.prepare<[DurationMs]>("UPDATE keeping_clock SET set_forward_ms = ? WHERE id = 1");
  }

  get ms(): DurationMs {
    return this.#read.get() ?? 0;
  }

  set ms(setForwardMs: DurationMs) {
    this.#write.run(setForwardMs);
  }
}

/**
 * Time by which things are kept: it goes on as real time does, however often the clock is set while a recorder runs. It
 * began as wall time, and is as far from it as the clock has been set since.
 *
 * What the clock is set by while no recorder runs cannot be told from time that passed.
 */
export class KeepingClock implements Clock {
  readonly #clock: SteadyClock;
  readonly #shift: ClockShift;
  readonly #anchor: EpochMs;
  #storedMs: DurationMs;

  constructor(clock: SteadyClock, shift: ClockShift) {
    this.#clock = clock;
    this.#shift = shift;
    this.#storedMs = shift.ms;
    const steady = clock.steady();
    this.#anchor = clock.wallAt(steady) - this.#storedMs - steady;
  }

  now(): EpochMs {
    return this.#anchor + this.#clock.steady();
  }

  /** Whether the clock has been set and `store` is due. */
  get isSet(): boolean {
    return Math.abs(this.#setForwardMs() - this.#storedMs) >= WORTH_STORING_MS;
  }

  /** Remembers over a restart how far the clock has been set; within a transaction of its caller. */
  store(): void {
    const setForwardMs = this.#setForwardMs();
    this.#shift.ms = setForwardMs;
    this.#storedMs = setForwardMs;
  }

  #setForwardMs(): DurationMs {
    return this.#clock.now() - this.now();
  }
}
