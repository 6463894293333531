import { type Loop, loopFrom } from "./loop.ts";
import type { Span } from "./peaks.ts";
import { skipFrom } from "./skips.ts";

/** What playing does not simply play through. */
export interface Jumps {
  skips: readonly Span[];
  loop: Loop | null;
}

/**
 * Where playing jumps to from a position; null when it plays on. A loop stays a loop whatever is skipped, and one that would
 * be skipped as a whole is heard.
 */
export function jumpFrom(positionMs: number, { skips, loop }: Jumps, durationMs: number): number | null {
  const again = loopFrom(positionMs, loop, durationMs);
  const skipTo = skipFrom(again ?? positionMs, skips);
  if (skipTo === null) return again;
  if (loop === null || loop.toMs === null || skipTo < loop.toMs) return skipTo;
  if (positionMs < loop.fromMs) return skipTo;
  const begins = skipFrom(loop.fromMs, skips) ?? loop.fromMs;
  return begins < loop.toMs ? begins : again;
}
