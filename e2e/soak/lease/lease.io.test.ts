import { expect, test } from "vitest";
import { describeLeaseSoak } from "./describe-lease-soak.ts";
import { soakLease } from "./soak-lease.ts";

const TENTH = { seed: 7, kills: 3, desktops: 20 };

test("a tenth of the soak: a recorder that is killed in calls leaves no screen captured after its lease", async () => {
  const lines: string[] = [];
  const result = await soakLease(TENTH, (line) => lines.push(line), new AbortController().signal);
  console.log(describeLeaseSoak(result));
  expect(result.faults, [...lines, describeLeaseSoak(result)].join("\n")).toEqual([]);
  // Captures that end early for another reason prove nothing.
  expect(result.captures.atKill).toBeGreaterThan(TENTH.desktops);
  expect(result.captures.nearEnd).toBeGreaterThan(TENTH.desktops / 2);
}, 180_000);
