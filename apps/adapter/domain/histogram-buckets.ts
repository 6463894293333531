import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** No strip shows more bars than these. */
export const BUCKETS_MOST = 2_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What people count in; longer ones are whole numbers of the last. */
const WEEK_MS = 7 * DAY_MS;
const STEPS_MS = [60_000, 300_000, 900_000, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, DAY_MS, WEEK_MS];

/** How a span of time is divided: `bucketCount` times `bucketMs` from `from` on; the last bucket may end early. */
export interface Buckets {
  from: EpochMs;
  to: EpochMs;
  bucketMs: DurationMs;
  bucketCount: number;
}

/**
 * Divides a span into buckets as large as wanted, or larger ones where that would be more than {@link BUCKETS_MOST}.
 * The first begins at the last whole bucket (of UTC, days at most) before the span, unless the span begins at a whole
 * hour: then people have asked for their own days.
 */
export function chooseBucket({ from, to }: { from: EpochMs; to: EpochMs }, wantedMs: DurationMs): Buckets {
  const span = Math.max(0, to - from);
  const fits = (bucketMs: number) => span / bucketMs <= BUCKETS_MOST - 1;
  const bucketMs =
    [wantedMs, ...STEPS_MS.filter((step) => step > wantedMs)].find(fits) ??
    WEEK_MS * Math.ceil(span / (BUCKETS_MOST - 1) / WEEK_MS);
  const grid = from % HOUR_MS === 0 ? Math.min(bucketMs, HOUR_MS) : Math.min(bucketMs, DAY_MS);
  const first = Math.floor(from / grid) * grid;
  return {
    from: first,
    to: Math.max(to, first),
    bucketMs,
    bucketCount: Math.ceil(Math.max(0, to - first) / bucketMs),
  };
}
