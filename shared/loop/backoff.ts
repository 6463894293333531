import type { DurationMs } from "#shared/time/units.ts";

export interface Backoff {
  firstMs: DurationMs;
  mostMs: DurationMs;
}

/**
 * How long to wait before the next try: doubling from the first to the most.
 *
 * @param failures - in a row so far, from 1.
 */
export function backoffMs(failures: number, { firstMs, mostMs }: Backoff): DurationMs {
  return Math.min(mostMs, firstMs * 2 ** Math.min(Math.max(0, failures - 1), 30));
}

/** What a pause grows by at most. */
const JITTER = 0.25;

/**
 * A pause a little longer, so that those who failed together do not come back together. Never shorter: the other side may
 * have asked for it.
 *
 * @param random - 0 to 1.
 */
export function jittered(pauseMs: DurationMs, random: number): DurationMs {
  return Math.round(pauseMs * (1 + JITTER * random));
}
