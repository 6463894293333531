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
