import type { DurationMs } from "#shared/time/units.ts";

/** Beyond this, recordings and calls do not fit together any more. */
const MOST_OFFSET_MS: DurationMs = 1_000;
/** One slow answer says nothing: the smallest offset of so many passes counts. */
const SAMPLES = 8;

/** Whether Dynamics' clock and ours agree. */
export class ClockWatch {
  readonly #offsets: DurationMs[] = [];

  /** @param offsetMs - how far Dynamics' clock was ahead; null: not known. */
  note(offsetMs: DurationMs | null): void {
    if (offsetMs === null) return;
    this.#offsets.push(offsetMs);
    if (this.#offsets.length > SAMPLES) this.#offsets.shift();
  }

  /** Null: they agree, or not enough is known. */
  alarm(): string | null {
    if (this.#offsets.length < SAMPLES) return null;
    const least = this.#offsets.reduce((best, offset) => (Math.abs(offset) < Math.abs(best) ? offset : best));
    if (Math.abs(least) <= MOST_OFFSET_MS) return null;
    const seconds = (Math.abs(least) / 1_000).toFixed(1);
    const side = least > 0 ? "ahead of" : "behind";
    return `Dynamics' clock is ${seconds} s ${side} this machine's; set this machine's by a time server (NTP)`;
  }
}
