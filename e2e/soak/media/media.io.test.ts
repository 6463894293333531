import { expect, test } from "vitest";
import { describeMediaSoak } from "./describe-media-soak.ts";
import { soakMedia } from "./soak-media.ts";

/** A tenth of the soak; of its kills four come while the recorder starts. */
const TENTH = { seed: 7, kills: 10, displays: 3 };

test("a tenth of the soak: a recorder that is killed has lost at most a second, and all else is whole", async () => {
  const lines: string[] = [];
  const result = await soakMedia(TENTH, (line) => lines.push(line), new AbortController().signal);
  console.log(describeMediaSoak(result));
  expect(result.faults, [...lines, describeMediaSoak(result)].join("\n")).toEqual([]);
  expect(result.runs).toHaveLength(TENTH.kills);
  expect(result.worstLossMs).toBeLessThanOrEqual(1_000);
  expect(result.decoded).toBe(result.segments);
  // Kills that cost nothing, and recoveries of nothing, prove nothing.
  expect(result.recovery.recovered).toBeGreaterThanOrEqual(TENTH.kills);
  expect(result.kills.early).toBeGreaterThan(0);
}, 180_000);
