import { expect, test } from "vitest";
import { planLeases } from "./lease-plan.ts";

test("a seed's rounds are always the same, and have every kind of mishap", () => {
  const options = { seed: 7, kills: 20, desktops: 8 };
  const rounds = planLeases(options);
  expect(planLeases(options)).toEqual(rounds);
  expect(planLeases({ ...options, seed: 8 })).not.toEqual(rounds);
  const kinds = new Set(rounds.flatMap(({ mishaps }) => mishaps.map(({ kind }) => kind)));
  expect([...kinds].toSorted()).toEqual(["clock", "none", "sleep"]);
});
