import type { DurationMs } from "#shared/time/units.ts";
import { Turns } from "./turns.ts";

/** An open file that can be flushed to the disk itself. */
export interface Flushable {
  /** Must not reject. */
  flush(): Promise<void>;
}

/** How often files that are due are looked for. */
const LOOK_EVERY_MS: DurationMs = 100;

/**
 * Flushes each file that was written to about once per interval, a few at a time: when the disk cannot keep up, the
 * interval becomes longer by itself instead of a queue, since a file waits in it once at most.
 */
export class FlushTurns {
  readonly #everyMs: DurationMs;
  readonly #turns: Turns;
  /** Files that were written to since their last flush began, and when the next one is due (`performance.now()`). */
  readonly #dirty = new Map<Flushable, number>();
  readonly #waiting = new Set<Flushable>();
  #isLooking = false;

  constructor(everyMs: DurationMs, mostAtOnce: number) {
    this.#everyMs = everyMs;
    this.#turns = new Turns(mostAtOnce);
  }

  /** The file was written to. The first flush of many that begin at once is spread over the interval. */
  want(file: Flushable): void {
    if (this.#dirty.has(file)) return;
    this.#dirty.set(file, performance.now() + this.#everyMs * (1 - Math.random() * 0.5));
    if (!this.#isLooking) this.#lookSoon();
  }

  /** The file is about to be closed; a flush that is under way is its owner's to wait for. */
  forget(file: Flushable): void {
    this.#dirty.delete(file);
    this.#waiting.delete(file);
  }

  #lookSoon(): void {
    this.#isLooking = this.#dirty.size > 0;
    if (this.#isLooking) setTimeout(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  #look(): void {
    const now = performance.now();
    for (const [file, dueAt] of this.#dirty) {
      if (dueAt > now || this.#waiting.has(file)) continue;
      this.#waiting.add(file);
      void this.#turns.run(async () => {
        if (!this.#waiting.delete(file)) return;
        // What is written from here on needs another one.
        this.#dirty.delete(file);
        await file.flush();
      });
    }
    this.#lookSoon();
  }
}
