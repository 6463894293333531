import { expect, test } from "vitest";
import { FrameBudget } from "./frame-budget.ts";

test("as many as the limit pass in any window, refused ones count too", () => {
  const budget = new FrameBudget(3, 1_000);
  const times = [0, 10, 20, 30, 999, 1_000, 1_010, 1_031, 2_500];
  expect(times.map((time) => budget.spend(time))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});
