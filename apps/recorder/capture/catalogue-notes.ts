import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";

/** A catalogue that refused is not tried again before: waiting for its lock holds up everything else. */
const RETRY_AFTER_MS: DurationMs = 5_000;

/**
 * Writes of one recording into the catalogue, in their order. What it refuses (disk full, locked) waits and is tried again,
 * so that frames go on whatever the catalogue does, and nothing that happened meanwhile is missing from the coverage.
 */
export class CatalogueNotes {
  readonly #clock: SteadyClock;
  readonly #log: Log;
  readonly #waiting: (() => void)[] = [];
  #refusedAt: SteadyMs | null = null;

  constructor(clock: SteadyClock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Never throws. */
  add(note: () => void): void {
    this.#waiting.push(note);
    this.retry();
  }

  /** To be called now and then: writes what waits, unless the catalogue refused a moment ago. */
  retry(): void {
    const isTooSoon = this.#refusedAt !== null && this.#clock.steady() - this.#refusedAt < RETRY_AFTER_MS;
    if (!isTooSoon) this.flush();
  }

  /** Writes what waits. @returns why not all of it is written, null when it is. */
  flush(): { cause: unknown } | null {
    for (let note = this.#waiting[0]; note !== undefined; note = this.#waiting[0]) {
      try {
        note();
      } catch (error) {
        if (this.#refusedAt === null) this.#log.error({ err: error }, "catalogue refuses, to be tried again");
        this.#refusedAt = this.#clock.steady();
        return { cause: error };
      }
      this.#waiting.shift();
    }
    if (this.#refusedAt !== null) this.#log.info("catalogue takes notes again");
    this.#refusedAt = null;
    return null;
  }
}
