import fc from "fast-check";
import { expect, test } from "vitest";
import { momentFragment, parseMoment } from "./moment.ts";

test.each([
  ["#t=754.2", 754_200],
  ["#t=0", 0],
  ["#t=12:34", 754_000],
  ["#t=1:02:34.5", 3_754_500],
  ["#x=1&t=5", 5_000],
  ["", null],
  ["#", null],
  ["#t=", null],
  ["#t=-5", null],
  ["#t=soon", null],
  ["#t=1:2:3:4", null],
])("%s is %s ms", (fragment, expected) => {
  expect(parseMoment(fragment)).toBe(expected);
});

test("a link leads to the tenth of a second that it was made at", () => {
  fc.assert(
    fc.property(fc.nat(100_000_000), (positionMs) => {
      const back = parseMoment(momentFragment(positionMs)) ?? Number.NaN;
      expect(positionMs - back).toBeGreaterThanOrEqual(0);
      expect(positionMs - back).toBeLessThan(100);
    }),
  );
});
