import { expect, test } from "vitest";
import { describeStitchSoak } from "./describe-stitch-soak.ts";
import { soakStitch } from "./soak-stitch.ts";

/** A tenth of the soak. */
const TENTH = { seed: 3, kills: 5 };

test("a tenth of the soak: an adapter that is killed loses no call, publishes none by half and none twice", async () => {
  const lines: string[] = [];
  const result = await soakStitch(TENTH, (line) => lines.push(line), new AbortController().signal);
  console.log(describeStitchSoak(result));
  expect(result.faults, [...lines, describeStitchSoak(result)].join("\n")).toEqual([]);
  expect(result.blows).toEqual({ kill: TENTH.kills, ffmpeg: 1, disk: result.skipped.length > 0 ? 0 : 1 });
  expect(result.failures).toBeGreaterThanOrEqual(result.blows.ffmpeg + result.blows.disk);
  expect(result.calls).toBeGreaterThan(TENTH.kills);
}, 180_000);
