import { expect, test } from "vitest";
import { planChaos } from "./chaos-plan.ts";

const OPTIONS = { seed: 193, calls: 20, kills: 5 };

test("a seed gives the same calls, faults, kills and ids each time, another one others", () => {
  const [one, same, other] = [planChaos(OPTIONS), planChaos(OPTIONS), planChaos({ ...OPTIONS, seed: 194 })];
  expect([same.day, same.killsAtMs, same.faults]).toEqual([one.day, one.killsAtMs, one.faults]);
  expect([other.day, other.killsAtMs, other.faults]).not.toEqual([one.day, one.killsAtMs, one.faults]);
  const ids = [one.newId(), one.newId()];
  expect([same.newId(), same.newId()]).toEqual(ids);
  expect(new Set([...ids, other.newId()]).size).toBe(3);
});

test("there are as many calls and kills as asked for, the kills while calls go on", () => {
  const { day, durationMs, killsAtMs } = planChaos(OPTIONS);
  expect(day).toHaveLength(20);
  expect(killsAtMs).toHaveLength(5);
  expect(killsAtMs.every((atMs) => atMs >= 0 && atMs < durationMs)).toBe(true);
  expect(killsAtMs.toSorted((left, right) => left - right)).toEqual(killsAtMs);
});
