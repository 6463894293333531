import type { DurationMs, SteadyMs } from "#shared/time/units.ts";

/** A crash that long ago is no part of a series. */
const FORGOTTEN_AFTER_MS: DurationMs = 300_000;
const FIRST_DELAY_MS: DurationMs = 500;
const LONGEST_DELAY_MS: DurationMs = 30_000;

/** The crashes that still count, with the one that happened now. */
export function withCrash(crashes: readonly SteadyMs[], now: SteadyMs): SteadyMs[] {
  return [...crashes.filter((at) => now - at < FORGOTTEN_AFTER_MS), now];
}

/** How long to wait before the page is loaded again: not at all at first, then twice as long each time. */
export function restartDelayMs(crashes: readonly SteadyMs[]): DurationMs {
  if (crashes.length <= 1) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (crashes.length - 2), LONGEST_DELAY_MS);
}
