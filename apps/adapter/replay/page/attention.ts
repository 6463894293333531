import type { DurationMs } from "#shared/time/units.ts";

/** So long after a key or a move of the pointer somebody is taken to be there still. */
const ATTENDED_FOR_MS: DurationMs = 60_000;
const SIGNS = ["keydown", "pointermove", "pointerdown", "wheel"] as const;

let lastSignAt = performance.now();

/** Watches for signs of somebody at the page. */
export function watchAttention(): void {
  const note = () => (lastSignAt = performance.now());
  for (const sign of SIGNS) addEventListener(sign, note, { capture: true, passive: true });
}

/** Whether somebody is at the page, by its keys and pointer. */
export function isAttended(): boolean {
  return performance.now() - lastSignAt < ATTENDED_FOR_MS;
}
