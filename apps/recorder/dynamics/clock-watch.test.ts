import { expect, test } from "vitest";
import { ClockWatch } from "./clock-watch.ts";

function watch(...offsets: (number | null)[]): string | null {
  const clocks = new ClockWatch();
  for (const offset of offsets) clocks.note(offset);
  return clocks.alarm();
}

test("clocks that differ by more than a second alarm, and the text says which way", () => {
  expect(watch(...Array<number>(8).fill(1_600))).toMatch("Dynamics' clock is 1.6 s ahead of this machine's");
  expect(watch(...Array<number>(8).fill(-61_000))).toMatch("61.0 s behind");
});

test("one answer in eight that was quick and fits is enough to be sure that they agree", () => {
  expect(watch(2_500, 2_500, 2_500, 300, 2_500, 2_500, 2_500, 2_500)).toBeNull();
});

test("old answers are forgotten, and nothing is said before there are eight", () => {
  expect(watch(0, ...Array<number>(8).fill(2_000))).not.toBeNull();
  expect(watch(...Array<number>(7).fill(2_000))).toBeNull();
  expect(watch(...Array<null>(20).fill(null))).toBeNull();
});
