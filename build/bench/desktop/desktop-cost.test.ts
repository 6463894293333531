import { expect, test } from "vitest";
import { sortOutRates } from "./desktop-cost.ts";

test("a burst of a second counts in every window of ten seconds that has it", () => {
  // 20 seconds without anything, but 125,000 bytes in the sixth.
  const bytes = Array.from({ length: 21 }, (_, second) => (second < 6 ? 0 : 125_000));
  const { mean, p50, p95, max } = sortOutRates(bytes);
  expect({ mean, p50, p95, max }).toEqual({ mean: 50, p50: 100, p95: 100, max: 100 });
});

test("what is shorter than a window is one window", () => {
  expect(sortOutRates([1_000, 2_000, 3_000])).toEqual({ mean: 8, p50: 8, p95: 8, max: 8 });
});
