import type { ManifestScreen } from "./lanes.ts";

/** Beyond this a screen is moved at once; below, it is caught up by playing a little faster or slower. */
export const SEEK_AT_DRIFT_MS = 250;
/** Promised are 40 ms; correction starts above … */
const NUDGE_AT_DRIFT_MS = 20;
/** … and goes on until it is below this, so that it does not switch on and off. */
const NUDGE_UNTIL_DRIFT_MS = 6;
/** A nudge removes the drift within about this time … */
const NUDGE_OVER_MS = 700;
/** … at most this much faster or slower. */
const NUDGE_MAX = 0.2;
/** When playing stops, a screen that is off by less stays: moving it would decode from its last key picture. */
const SETTLED_WITHIN_MS = 40;
/** After a seek the exact picture is shown. */
const EXACT_WITHIN_MS = 1;

/** Where a screen is when the interaction is at a position; `localMs` counts from the screen file's start. */
export type ScreenPlace = { phase: "before" } | { phase: "during"; localMs: number } | { phase: "after" };

/** @param screen - both in ms on the interaction's timeline; the end belongs to the screen only at the very end. */
export function placeOnScreen(
  positionMs: number,
  screen: Pick<ManifestScreen, "offsetMs" | "durationMs">,
): ScreenPlace {
  const localMs = positionMs - screen.offsetMs;
  if (localMs < 0) return { phase: "before" };
  return localMs < screen.durationMs ? { phase: "during", localMs } : { phase: "after" };
}

/** What to do with a screen now. */
export type Steering = { action: "seek" } | { action: "play"; playbackRate: number; isNudging: boolean };

/**
 * Keeps a playing screen with the master clock.
 *
 * @param driftMs - how far the screen is behind the clock; negative when it is ahead.
 * @param rate - the speed chosen by the person.
 * @param wasNudging - whether the last steering corrected a drift.
 */
export function steerScreen(driftMs: number, rate: number, wasNudging: boolean): Steering {
  const distanceMs = Math.abs(driftMs);
  if (distanceMs > SEEK_AT_DRIFT_MS) return { action: "seek" };
  const isNudging = distanceMs > (wasNudging ? NUDGE_UNTIL_DRIFT_MS : NUDGE_AT_DRIFT_MS);
  const nudge = Math.max(-NUDGE_MAX, Math.min(NUDGE_MAX, driftMs / NUDGE_OVER_MS));
  return { action: "play", playbackRate: isNudging ? rate * (1 + nudge) : rate, isNudging };
}

/**
 * Whether a stopped screen shows the picture of its place.
 *
 * @param isExact - as after a seek; else it may be as far off as while it was played.
 */
export function isSettled(driftMs: number, isExact: boolean): boolean {
  return Math.abs(driftMs) <= (isExact ? EXACT_WITHIN_MS : SETTLED_WITHIN_MS);
}

/** The stretch without a true picture that a screen is in, or null: the file then holds its last picture. */
export function stretchWithoutPicture(
  positionMs: number,
  coverage: ManifestScreen["coverage"],
): ManifestScreen["coverage"][number] | null {
  const stretch = coverage.find(({ fromMs, toMs }) => fromMs <= positionMs && positionMs < toMs);
  return stretch === undefined || stretch.state === "captured" ? null : stretch;
}
