import { expect, test } from "vitest";
import { backoffMs, jittered } from "./backoff.ts";

test("pauses double from the first to the most", () => {
  const pauses = [1, 2, 3, 4, 5, 1_000].map((failures) =>
    backoffMs(failures, { firstMs: 250, mostMs: 2_000 }),
  );
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000]);
});

test("jitter makes a pause up to a quarter longer, never shorter", () => {
  expect([0, 0.5, 1].map((random) => jittered(8_000, random))).toEqual([8_000, 9_000, 10_000]);
});
