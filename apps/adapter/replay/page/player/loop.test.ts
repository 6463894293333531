import { expect, test } from "vitest";
import { loopFrom, markLoop } from "./loop.ts";

test("the first press is the loop's beginning, the second its end, the third ends it", () => {
  const begun = markLoop(null, 2_000);
  expect(begun).toEqual({ fromMs: 2_000, toMs: null });
  const closed = markLoop(begun, 5_000);
  expect(closed).toEqual({ fromMs: 2_000, toMs: 5_000 });
  expect(markLoop(closed, 3_000)).toBeNull();
});

test("an end before the beginning changes places with it, and one at it makes half a second", () => {
  expect(markLoop({ fromMs: 5_000, toMs: null }, 2_000)).toEqual({ fromMs: 2_000, toMs: 5_000 });
  expect(markLoop({ fromMs: 5_000, toMs: null }, 5_000)).toEqual({ fromMs: 5_000, toMs: 5_500 });
});

test("at its end a loop goes back to its beginning, at the interaction's end too", () => {
  const loop = { fromMs: 2_000, toMs: 5_000 };
  expect([1_999, 2_000, 4_999, 5_000, 5_100].map((at) => loopFrom(at, loop, 9_000))).toEqual([
    null,
    null,
    null,
    2_000,
    2_000,
  ]);
  expect(loopFrom(4_000, loop, 4_000)).toBe(2_000);
  expect(loopFrom(9_000, { fromMs: 2_000, toMs: null }, 9_000)).toBeNull();
  expect(loopFrom(9_000, null, 9_000)).toBeNull();
});
