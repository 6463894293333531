import { expect, test } from "vitest";
import { cutToSecond } from "./whole-seconds.ts";

test.each([
  [1_772_445_761_000, 1_772_445_761_000],
  [1_772_445_761_001, 1_772_445_761_000],
  [1_772_445_761_999.9, 1_772_445_761_000],
  [-1, -1_000],
])("%d ms is in the second of %d", (at, second) => {
  expect(cutToSecond(at)).toBe(second);
});
