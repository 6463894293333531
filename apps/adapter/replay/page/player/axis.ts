import type { Span } from "./peaks.ts";

/** The least that the timeline shows of an interaction that is longer. */
const LEAST_SHOWN_MS = 5_000;

/**
 * Shows more or less of the timeline, so that a moment stays where it is.
 *
 * @param shown - of the interaction, now.
 * @param factor - above 1 shows less.
 */
export function zoomAxis(shown: Span, factor: number, aroundMs: number, durationMs: number): Span {
  const length = shown.toMs - shown.fromMs;
  const wanted = Math.max(Math.min(LEAST_SHOWN_MS, durationMs), Math.min(durationMs, length / factor));
  const fromMs = aroundMs - ((aroundMs - shown.fromMs) / Math.max(1, length)) * wanted;
  return within(fromMs, wanted, durationMs);
}

/** Moves what is shown, as far as there is something. */
export function panAxis(shown: Span, byMs: number, durationMs: number): Span {
  return within(shown.fromMs + byMs, shown.toMs - shown.fromMs, durationMs);
}

/** Turns the page when playing has left what is shown; the same when it has not. */
export function followAxis(shown: Span, positionMs: number, durationMs: number): Span {
  if (positionMs >= shown.fromMs && positionMs <= shown.toMs) return shown;
  const length = shown.toMs - shown.fromMs;
  return within(positionMs - length / 10, length, durationMs);
}

function within(fromMs: number, length: number, durationMs: number): Span {
  const first = Math.max(0, Math.min(durationMs - length, fromMs));
  return { fromMs: first, toMs: first + length };
}

/** Distances between the timeline's marks that can be read. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200];

/** Where the timeline has its marks: at most so many. */
export function axisMarks({ fromMs, toMs }: Span, most: number): number[] {
  const seconds = (toMs - fromMs) / 1_000;
  const stepMs = (STEPS_S.find((step) => seconds / step <= most) ?? 14_400) * 1_000;
  const first = Math.ceil(fromMs / stepMs);
  return Array.from(
    { length: Math.floor(toMs / stepMs) - first + 1 },
    (_, index) => (first + index) * stepMs,
  );
}
