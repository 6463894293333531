import type { Span } from "./peaks.ts";

/** A place on the whole timeline as CSS percentage. */
export function percent(ms: number, durationMs: number): string {
  return `${durationMs === 0 ? 0 : (100 * Math.max(0, Math.min(durationMs, ms))) / durationMs}%`;
}

/** The style of what lies on the timeline from one moment to another. */
export function spanStyle(fromMs: number, toMs: number, durationMs: number): { left: string; width: string } {
  return { left: percent(fromMs, durationMs), width: percent(toMs - Math.max(0, fromMs), durationMs) };
}

/** The style of the whole timeline's room, of which only a part is shown. */
export function shownStyle({ fromMs, toMs }: Span, durationMs: number): { left: string; width: string } {
  const length = Math.max(1, toMs - fromMs);
  return { left: `${(-100 * fromMs) / length}%`, width: `${(100 * Math.max(1, durationMs)) / length}%` };
}
