import { expect, test } from "vitest";
import { planKills } from "./kill-plan.ts";

test("a seed gives the same kills each time, another one others", () => {
  const plan = planKills({ seed: 7, kills: 10 });
  expect(planKills({ seed: 7, kills: 10 })).toEqual(plan);
  expect(planKills({ seed: 8, kills: 10 })).not.toEqual(plan);
});

test("the first run has something to lose, and some of the others are killed while they start", () => {
  const plan = planKills({ seed: 7, kills: 10 });
  expect(plan).toHaveLength(10);
  expect(plan[0]?.from).toBe("ready");
  expect(plan.some(({ from }) => from === "start")).toBe(true);
});
