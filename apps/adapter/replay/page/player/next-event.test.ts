import { expect, test } from "vitest";
import { eventBeside } from "./next-event.ts";

test("the next event is later, the previous one earlier than the one that is being played", () => {
  const offsets = [5_000, 0, 1_000, 1_000, 9_000];
  expect([0, 999, 1_000, 9_000].map((at) => eventBeside(offsets, at, 1))).toEqual([
    1_000,
    1_000,
    5_000,
    null,
  ]);
  expect([0, 1_000, 1_300, 1_500, 9_900].map((at) => eventBeside(offsets, at, -1))).toEqual([
    null,
    0,
    0,
    1_000,
    9_000,
  ]);
});
