/** A stretch that is played over and over: `toMs` is null while only its beginning is chosen. */
export interface Loop {
  fromMs: number;
  toMs: number | null;
}

/** A loop that is shorter would be nothing but jumps. */
const SHORTEST_MS = 500;

/** What pressing A–B at a position makes of a loop: its beginning, then its end, then none. */
export function markLoop(loop: Loop | null, positionMs: number): Loop | null {
  if (loop === null) return { fromMs: positionMs, toMs: null };
  if (loop.toMs !== null) return null;
  const [fromMs, toMs] = positionMs < loop.fromMs ? [positionMs, loop.fromMs] : [loop.fromMs, positionMs];
  return { fromMs, toMs: Math.max(toMs, fromMs + SHORTEST_MS) };
}

/** Where a loop goes on when playing is at a position; null as long as that is within it. */
export function loopFrom(positionMs: number, loop: Loop | null, durationMs: number): number | null {
  if (loop === null || loop.toMs === null) return null;
  return positionMs >= Math.min(loop.toMs, durationMs) ? loop.fromMs : null;
}
