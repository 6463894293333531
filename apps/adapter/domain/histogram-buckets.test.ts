import fc from "fast-check";
import { expect, test } from "vitest";
import { BUCKETS_MOST, chooseBucket } from "./histogram-buckets.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of 2 March 2026, UTC. */
const NOON = 1_772_452_800_000;

test.each([
  ["a day", NOON, NOON + DAY_MS, HOUR_MS, { from: NOON, bucketMs: HOUR_MS, bucketCount: 24 }],
  [
    "from between two hours",
    NOON + 5,
    NOON + DAY_MS,
    HOUR_MS,
    { from: NOON, bucketMs: HOUR_MS, bucketCount: 24 },
  ],
  [
    "a year by the hour becomes 6 hours",
    NOON,
    NOON + 365 * DAY_MS,
    HOUR_MS,
    { from: NOON, bucketMs: 6 * HOUR_MS, bucketCount: 1_460 },
  ],
  [
    "days begin where they were asked for",
    NOON,
    NOON + 10 * DAY_MS,
    DAY_MS,
    { from: NOON, bucketMs: DAY_MS, bucketCount: 10 },
  ],
  [
    "days of what there is are of UTC",
    NOON + 5,
    NOON + DAY_MS,
    DAY_MS,
    { from: NOON - DAY_MS / 2, bucketMs: DAY_MS, bucketCount: 2 },
  ],
  ["nothing", NOON, NOON, HOUR_MS, { from: NOON, bucketMs: HOUR_MS, bucketCount: 0 }],
])("%s", (_title, from, to, wantedMs, buckets) => {
  expect(chooseBucket({ from, to }, wantedMs)).toMatchObject(buckets);
});

test("every span is covered by not too many buckets, which are no smaller than wanted", () => {
  const instant = fc.integer({ min: 0, max: 4e12 });
  fc.assert(
    fc.property(instant, instant, fc.integer({ min: 60_000, max: 366 * DAY_MS }), (one, other, wantedMs) => {
      const span = { from: Math.min(one, other), to: Math.max(one, other) };
      const { from, to, bucketMs, bucketCount } = chooseBucket(span, wantedMs);
      expect(bucketMs).toBeGreaterThanOrEqual(wantedMs);
      expect(from).toBeLessThanOrEqual(span.from);
      expect(from + bucketCount * bucketMs).toBeGreaterThanOrEqual(to);
      expect(from + (bucketCount - 1) * bucketMs).toBeLessThan(Math.max(to, from + 1));
      expect(bucketCount).toBeLessThanOrEqual(BUCKETS_MOST);
    }),
  );
});
