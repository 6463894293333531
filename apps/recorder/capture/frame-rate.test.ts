import { expect, test } from "vitest";
import { FrameRate } from "./frame-rate.ts";

/** Pictures of 1,000 bytes at these times. */
function rateAt(now: number, arrivals: readonly number[]) {
  const rate = new FrameRate();
  for (const at of arrivals) rate.add(1_000, at);
  return rate.read(now);
}

const fivePerSecond = (fromMs: number, toMs: number) =>
  Array.from({ length: (toMs - fromMs) / 200 }, (_, index) => fromMs + index * 200);

test.each([
  ["nothing has come", 10_000, [], { framesPerSecond: 0, kbitPerSecond: 0 }],
  ["the first second lasts", 10_900, [10_100], { framesPerSecond: 0, kbitPerSecond: 0 }],
  ["one second is over", 11_100, fivePerSecond(10_000, 11_000), { framesPerSecond: 5, kbitPerSecond: 40 }],
  ["it goes on for long", 29_500, fivePerSecond(10_000, 29_400), { framesPerSecond: 5, kbitPerSecond: 40 }],
  [
    "it stopped two seconds ago",
    20_000,
    fivePerSecond(10_000, 18_000),
    { framesPerSecond: 3, kbitPerSecond: 24 },
  ],
  ["it stopped long ago", 60_000, fivePerSecond(10_000, 18_000), { framesPerSecond: 0, kbitPerSecond: 0 }],
  [
    "it stood still and goes on",
    61_500,
    [...fivePerSecond(10_000, 12_000), 60_100],
    { framesPerSecond: 0.2, kbitPerSecond: 1.6 },
  ],
] as const)("when %s, the rate says so", (_, now, arrivals, expected) => {
  expect(rateAt(now, arrivals)).toEqual(expected);
});
