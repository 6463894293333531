import type { AgentLane } from "./lanes.ts";
import type { Span } from "./peaks.ts";

/** What playing leaves out. */
export interface SkipChoice {
  silence: boolean;
  hold: boolean;
}

/** A silence that is shorter is heard: a jump would take as long. */
export const SKIPPED_SILENCE_MS = 3_000;
/** What is left of a silence at either end, so that no word is cut. */
const SILENCE_EDGE_MS = 400;
const SKIPPED_HOLD_MS = 1_000;

/** In the call, and with somebody. */
const BUSY = new Set(["talk", "conference", "consult"]);

/** When the call is on hold and no agent in it speaks with anybody. */
export function holdSpans(lanes: readonly Pick<AgentLane, "stretches">[]): Span[] {
  const stretches = lanes.flatMap((lane) => lane.stretches);
  const edges = [...new Set(stretches.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const spans = edges.slice(1).flatMap((toMs, index) => {
    const fromMs = edges[index] ?? toMs;
    const during = stretches.filter((stretch) => stretch.fromMs < toMs && stretch.toMs > fromMs);
    const isHeld =
      during.some(({ state }) => state === "hold") && !during.some(({ state }) => BUSY.has(state));
    return isHeld ? [{ fromMs, toMs }] : [];
  });
  return joinSpans(spans);
}

/** What playing jumps over, in order and apart. */
export function planSkips(choice: SkipChoice, silences: readonly Span[], holds: readonly Span[]): Span[] {
  const quiet = silences
    .filter(({ fromMs, toMs }) => toMs - fromMs >= SKIPPED_SILENCE_MS)
    .map(({ fromMs, toMs }) => ({ fromMs: fromMs + SILENCE_EDGE_MS, toMs: toMs - SILENCE_EDGE_MS }));
  const held = holds.filter(({ fromMs, toMs }) => toMs - fromMs >= SKIPPED_HOLD_MS);
  return joinSpans([...(choice.silence ? quiet : []), ...(choice.hold ? held : [])]);
}

/** Where playing goes on when it is at a position that is skipped; null when it is not. */
export function skipFrom(positionMs: number, skips: readonly Span[]): number | null {
  return skips.find(({ fromMs, toMs }) => fromMs <= positionMs && positionMs < toMs)?.toMs ?? null;
}

function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const { fromMs, toMs } of spans.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const last = joined.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else joined.push({ fromMs, toMs });
  }
  return joined;
}
