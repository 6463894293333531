import fc from "fast-check";
import { expect, test } from "vitest";
import { AttemptLimit } from "./attempt-limit.ts";

test("an address that has failed too often waits until its failures are past, others do not", () => {
  const limit = new AttemptLimit(2, 60_000);
  const spent: boolean[] = [];
  for (const at of [0, 30_000]) {
    spent.push(limit.isSpent("10.0.0.1", at));
    limit.noteFailure("10.0.0.1", at);
  }
  for (const at of [30_001, 59_999, 60_000, 60_001]) spent.push(limit.isSpent("10.0.0.1", at));
  expect(spent).toEqual([false, false, true, true, false, false]);
  expect(limit.isSpent("10.0.0.2", 30_001)).toBe(false);
});

test("whoever goes by it never fails more often within a window than the limit says", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }), (pauses) => {
      const limit = new AttemptLimit(3, 60);
      const failures: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        if (limit.isSpent("a", now)) continue;
        limit.noteFailure("a", now);
        failures.push(now);
      }
      for (const [index, at] of failures.entries())
        expect(failures.slice(index).filter((other) => other < at + 60).length).toBeLessThanOrEqual(3);
    }),
  );
});

test("thousands of addresses that failed once are forgotten in time", () => {
  const limit = new AttemptLimit(1, 1_000);
  for (let n = 0; n < 3_000; n += 1) limit.noteFailure(`10.0.${n >> 8}.${n & 255}`, n);
  expect([limit.isSpent("10.0.0.0", 3_000), limit.isSpent("10.0.11.183", 3_000)]).toEqual([false, true]);
});
