import { expect, test } from "vitest";
import { bestOffsetMs, offsetSample, withSample } from "./clock-offset.ts";

test("the offset is taken at the middle of the round trip", () => {
  expect(offsetSample(1_000, 41_050, 1_100)).toEqual({ offsetMs: 40_000, roundTripMs: 100 });
});

test("the fastest of the last sixteen round trips counts", () => {
  let samples = withSample([], { offsetMs: 7, roundTripMs: 1 });
  expect(bestOffsetMs(samples)).toBe(7);
  for (let turn = 0; turn < 15; turn += 1)
    samples = withSample(samples, { offsetMs: 20 + turn, roundTripMs: 50 - turn });
  expect(bestOffsetMs(samples)).toBe(7);
  samples = withSample(samples, { offsetMs: 40, roundTripMs: 99 });
  expect(bestOffsetMs(samples)).toBe(34);
});

test("without a sample the clocks are taken as equal", () => {
  expect(bestOffsetMs([])).toBe(0);
});

test.each([-3_600_000, -1_000, 1_000, 3_600_000])(
  "when the recorder's clock was set by %i ms, what was measured before is forgotten",
  (stepMs) => {
    let samples = withSample([], { offsetMs: 500, roundTripMs: 2 });
    samples = withSample(samples, { offsetMs: 510, roundTripMs: 80 });
    samples = withSample(samples, { offsetMs: 500 + stepMs, roundTripMs: 90 });
    expect(bestOffsetMs(samples)).toBe(500 + stepMs);
  },
);

test("a slow heartbeat says little, and is no reason to forget anything", () => {
  let samples = withSample([], { offsetMs: 500, roundTripMs: 2 });
  samples = withSample(samples, { offsetMs: 1_900, roundTripMs: 2_900 });
  expect(bestOffsetMs(samples)).toBe(500);
});
