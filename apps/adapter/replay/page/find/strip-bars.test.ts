import fc from "fast-check";
import { expect, test } from "vitest";
import { barsOf, bucketFor } from "./strip-bars.ts";

const HOUR_MS = 3_600_000;

test("bars cover the whole span without a hole, count everything once, and are not too many", () => {
  const strips = fc
    .record({
      from: fc.nat(1e9),
      count: fc.integer({ min: 1, max: 2_000 }),
      most: fc.integer({ min: 1, max: 300 }),
    })
    .chain((strip) =>
      fc.record({
        strip: fc.constant(strip),
        counts: fc.array(fc.tuple(fc.nat(strip.count - 1), fc.nat(50)), { maxLength: 40 }),
      }),
    );
  fc.assert(
    fc.property(strips, ({ strip: { from, count, most }, counts }) => {
      const buckets = counts.map(([index, calls]) => ({ at: from + index * HOUR_MS, count: calls }));
      const bars = barsOf({ bucketMs: HOUR_MS, from, to: from + count * HOUR_MS, buckets }, most);
      expect(bars.length).toBeLessThanOrEqual(most);
      expect(bars[0]?.from).toBe(from);
      expect(bars.at(-1)?.to).toBeGreaterThanOrEqual(from + count * HOUR_MS);
      bars.slice(1).forEach((bar, index) => expect(bar.from).toBe(bars[index]?.to));
      const sum = (numbers: readonly { count: number }[]) =>
        numbers.reduce((all, { count }) => all + count, 0);
      expect(sum(bars)).toBe(sum(buckets));
    }),
  );
});

test("there are no bars of no time", () => {
  expect(barsOf({ bucketMs: HOUR_MS, from: 5, to: 5, buckets: [] }, 10)).toEqual([]);
});

test.each([
  [null, null, HOUR_MS],
  [0, 3 * HOUR_MS, 60_000],
  [0, null, 900_000],
  [0, 12 * HOUR_MS, 300_000],
  [0, 90 * 24 * HOUR_MS, HOUR_MS],
])("from %s to %s is counted by %s ms", (from, to, bucketMs) => {
  expect(bucketFor(from, to, 24 * HOUR_MS)).toBe(bucketMs);
});
