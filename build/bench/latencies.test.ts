import { expect, test } from "vitest";
import { sortOut } from "./latencies.ts";

test("percentiles are samples, by nearest rank, whatever their order", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(sortOut(hundred)).toEqual({ count: 100, p50Ms: 50, p95Ms: 95, p99Ms: 99, maxMs: 100 });
  expect(sortOut([7])).toEqual({ count: 1, p50Ms: 7, p95Ms: 7, p99Ms: 7, maxMs: 7 });
});

test("nothing has no percentiles", () => {
  expect(() => sortOut([])).toThrow(RangeError);
});
