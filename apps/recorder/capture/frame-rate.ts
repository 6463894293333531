import type { DurationMs, SteadyMs } from "#shared/time/units.ts";

const SECOND_MS: DurationMs = 1_000;
/** So many whole seconds are looked back at. */
const SECONDS = 5;

/** How many pictures and bytes came in over the last seconds; costs a few numbers, however many there are. */
export class FrameRate {
  /** By whole seconds of steady time; a second more than is looked back at, for the one that lasts. */
  readonly #seconds = Array.from({ length: SECONDS + 1 }, () => ({ second: -1, frames: 0, bytes: 0 }));
  #first: number | null = null;

  add(bytes: number, at: SteadyMs): void {
    const second = Math.floor(at / SECOND_MS);
    this.#first ??= second;
    const slot = this.#seconds[second % this.#seconds.length];
    if (slot === undefined || slot.second > second) return;
    if (slot.second < second) Object.assign(slot, { second, frames: 0, bytes: 0 });
    slot.frames += 1;
    slot.bytes += bytes;
  }

  /** Of the last whole seconds: the one that lasts would make it too low. */
  read(now: SteadyMs): { framesPerSecond: number; kbitPerSecond: number } {
    const current = Math.floor(now / SECOND_MS);
    const span = this.#first === null ? 0 : Math.min(SECONDS, current - this.#first);
    if (span <= 0) return { framesPerSecond: 0, kbitPerSecond: 0 };
    const counted = this.#seconds.filter(({ second }) => second >= current - span && second < current);
    const sum = (key: "frames" | "bytes") => counted.reduce((total, slot) => total + slot[key], 0);
    return { framesPerSecond: sum("frames") / span, kbitPerSecond: (sum("bytes") * 8) / SECOND_MS / span };
  }
}
