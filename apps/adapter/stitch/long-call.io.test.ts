import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { runsOf } from "../../../build/test/property-runs.ts";
import { decodeAudio } from "../../../e2e/speech/decode-audio.ts";
import { findOnsets } from "../../../e2e/speech/find-onsets.ts";
import { encodeAudio } from "../../../e2e/speech/encode-audio.ts";
import { synthesizeTones } from "../../../e2e/speech/pcm.ts";
import { planStitch, type PlannedScreen } from "../domain/stitch-plan.ts";
import { longCall, type PartFile, partsOf, segmentsOf } from "../rig/long-call.ts";
import { makeScreen, readFlashes } from "../rig/made-media.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { stitchVersion } from "./stitch-version.ts";

/** An hour before a release; what could add up from one segment to the next adds up here too. */
const MINUTES = Math.max(12, runsOf(60));
const EVERY_MS = 10_000;
const SEGMENT_MS = 60_000;
const SCREEN = { codec: "vp9", width: 160, height: 96 } as const;
const BEEP = { toneMs: 60, hz: 1_000 };
/** What is promised, of 99 in 100. */
const SYNC_MS = 40;
/** Further apart they are not of the same instant. */
const PAIR_MS = 1_000;

const FIRST_SOUND_MS = partsOf(MINUTES)[0]?.atMs ?? 0;
/** From the ring: when it beeps, and when the screens flash. */
const INSTANTS = segmentsOf(MINUTES).flatMap((at) =>
  Array.from({ length: SEGMENT_MS / EVERY_MS }, (_, index) => at + index * EVERY_MS),
);

test(`in ${MINUTES} minutes with three parts of sound, two agents, two monitors, a pause and a gap, beep and flash are together`, async () => {
  await using scratch = await scratchFolder();
  const { path: dataDir } = scratch;
  const flashes = Array.from({ length: SEGMENT_MS / EVERY_MS }, (_, index) => index * EVERY_MS);
  await writeFile(
    join(dataDir, "minute.scn"),
    await makeScreen(dataDir, SEGMENT_MS, flashes, { framesPerSecond: 5 }),
  );
  const plan = planStitch(longCall(MINUTES, await makeParts(dataDir), SCREEN));
  if (plan === null) throw new Error("there is a call");
  const folder = join(dataDir, "version");
  await mkdir(folder);
  const options = { dataDir, segmentPath: () => "minute.scn", log: silentLog() };
  await stitchVersion(plan, folder, { ...options, signal: new AbortController().signal });

  expect(plan.screens.map(({ entry }) => `${entry.agent} ${entry.display}`)).toEqual([
    "ann@contoso.com 1",
    "ann@contoso.com 2",
    "bob@contoso.com 1",
    "bob@contoso.com 2",
  ]);
  for (const screen of plan.screens) {
    const apart = await measureSync(join(folder, screen.file), screen);
    // All but the minute that is missing and the few that fall between two parts of sound.
    expect(apart.length).toBeGreaterThan(screen.durationMs / EVERY_MS - 6 - 4);
    const [p99, most] = [apart[Math.ceil(apart.length * 0.99) - 1] ?? Number.NaN, apart.at(-1)];
    expect(p99, `${screen.file}, at most ${most} ms`).toBeLessThanOrEqual(SYNC_MS);
    // Nothing here is uncertain by more than a millisecond.
    expect(most, screen.file).toBeLessThan(3);
  }
  const heard = findOnsets(await decodeAudio(join(folder, "audio.m4a")));
  // From the ring; the timeline begins with the first sound.
  const beeps = INSTANTS.filter(isHeard).map((at) => at - FIRST_SOUND_MS);
  expect(heard).toHaveLength(beeps.length);
  expect(Math.max(...beeps.map((at, index) => Math.abs((heard[index] ?? 0) - at)))).toBeLessThan(1);
});

function isHeard(at: DurationMs): boolean {
  return partsOf(MINUTES).some((part) => at >= part.atMs && at + BEEP.toneMs < part.atMs + part.durationMs);
}

/** Beeps at all instants that a part has, in three formats. */
async function makeParts(dataDir: string): Promise<PartFile[]> {
  const files: PartFile[] = [];
  for (const [index, { atMs, durationMs }] of partsOf(MINUTES).entries()) {
    const format = index === 1 ? "mp3" : "wav";
    const tones = INSTANTS.filter(isHeard).map((at) => at - atMs);
    const sound = synthesizeTones(durationMs, { ...BEEP, atMs: tones });
    const path = `part-${index}.${format}`;
    await writeFile(join(dataDir, path), await encodeAudio(sound, format));
    files.push({ path, durationMs });
  }
  return files;
}

/** How far the beep and the flash of each instant are apart in a finished file, in ms, ordered. */
async function measureSync(file: string, { durationMs }: PlannedScreen): Promise<DurationMs[]> {
  const [flashes, beeps] = await Promise.all([
    readFlashes(file),
    decodeAudio(file).then((sound) => findOnsets(sound)),
  ]);
  expect(Math.max(...flashes)).toBeLessThan(durationMs);
  const apart = flashes.flatMap((flash) => {
    const nearest = beeps.reduce(
      (best, beep) => (Math.abs(beep - flash) < Math.abs(best - flash) ? beep : best),
      Number.POSITIVE_INFINITY,
    );
    return Math.abs(nearest - flash) < PAIR_MS ? [Math.abs(nearest - flash)] : [];
  });
  return apart.sort((a, b) => a - b);
}
