import type { Histogram } from "../../../archive/find/query.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** A bar of the strip: what started from `from` until before `to`. */
export interface Bar {
  from: EpochMs;
  to: EpochMs;
  count: number;
}

/** All bars of a strip, also those of nothing; as many buckets to a bar as it takes to have no more than `most`. */
export function barsOf({ bucketMs, from, to, buckets }: Histogram, most: number): Bar[] {
  const count = Math.ceil(Math.max(0, to - from) / bucketMs);
  const barMs = bucketMs * Math.max(1, Math.ceil(count / most));
  const bars = Array.from({ length: Math.ceil(Math.max(0, to - from) / barMs) }, (_, index): Bar => {
    const at = from + index * barMs;
    return { from: at, to: at + barMs, count: 0 };
  });
  for (const bucket of buckets) {
    const bar = bars[Math.floor((bucket.at - from) / barMs)];
    if (bar !== undefined) bar.count += bucket.count;
  }
  return bars;
}

/** How finely to count: about an hour a bar, finer within a day. */
export function bucketFor(from: EpochMs | null, to: EpochMs | null, now: EpochMs): DurationMs {
  const span = from === null ? Number.POSITIVE_INFINITY : (to ?? now) - from;
  if (span <= 3 * HOUR_MS) return MINUTE_MS;
  return span <= 12 * HOUR_MS ? 5 * MINUTE_MS : span <= 36 * HOUR_MS ? 15 * MINUTE_MS : HOUR_MS;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
