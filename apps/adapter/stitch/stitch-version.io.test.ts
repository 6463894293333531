import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { decodeFaults, probeMedia } from "../../../e2e/media/probe.ts";
import { readBeeps } from "../../../e2e/media/read-beeps.ts";
import { planStitch, type SegmentRef } from "../domain/stitch-plan.ts";
import { makeScreen, makeSound, readFlashes } from "../rig/made-media.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { stitchVersion } from "./stitch-version.ts";

const RING = Date.UTC(2026, 2, 2, 10, 2, 30, 120);
/** Of a picture's and a beep's place in the file: rounding to milliseconds, and the beep's rise. */
const TOLERANCE_MS = 2;

const segmentPath = ({ recordingId, trackId, segmentId }: SegmentRef) =>
  join("sources", recordingId, trackId, `${segmentId}.scn`);

test.each(CODECS)("a screen in %s is joined and keeps its time, pictures and sound alike", async (codec) => {
  await using scratch = await scratchFolder();
  const dataDir = scratch.path;
  // A second is missing between the two segments.
  const segments = [
    { id: "000001", at: 0, bytes: await makeScreen(dataDir, 2_000, [1_000], codec) },
    { id: "000002", at: 3_000, bytes: await makeScreen(dataDir, 2_000, [800], codec) },
  ];
  for (const { id, bytes } of segments) {
    const path = join(dataDir, segmentPath({ recordingId: "01ANN", trackId: "1", segmentId: id }));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  const made = madeRecording(
    { id: "01ANN", callSessionId: "call-1" },
    segments.map(({ id, at, bytes }) => madeSegment(id, RING + at, 2_000, bytes)),
  );
  const recording = { ...made, tracks: made.tracks.map((track) => ({ ...track, codec })) };
  await makeSound(dataDir, "wav", 5_000, [1_000, 3_800]);
  const file = { path: "sound.wav", bytes: 1, sha256: "a".repeat(64), durationMs: 5_000 };
  const part = {
    sourceId: "part-1",
    createdOn: RING + 9_000,
    file: { ...file, stated: { at: RING, uncertaintyMs: 1 } },
  };
  const plan = planStitch({
    interactionId: "call-1",
    recordings: [recording],
    audio: [part],
    conversation: null,
  });
  if (plan === null) throw new Error("there is nothing to stitch");

  const folder = join(dataDir, "version");
  await mkdir(folder);
  const { signal } = new AbortController();
  const stitched = await stitchVersion(plan, folder, { dataDir, segmentPath, log: silentLog(), signal });

  const name = codec === "vp8" ? "screen-1.webm" : "screen-1.mp4";
  expect(stitched.map((one) => one.name)).toEqual(["audio.m4a", name]);
  const path = join(folder, name);
  expect(await decodeFaults(path)).toBe("");
  const { video, audio, durationMs } = await probeMedia(path);
  expect({ video: video?.codec, audio: audio?.codec }).toEqual({
    video: codec,
    audio: codec === "vp8" ? "opus" : "aac",
  });
  expect(Math.abs(durationMs - 5_000)).toBeLessThan(50);
  const places = [await readFlashes(path), await readBeeps(path)];
  for (const found of places) {
    expect(found).toHaveLength(2);
    expect(Math.abs((found[0] ?? 0) - 1_000)).toBeLessThan(TOLERANCE_MS);
    expect(Math.abs((found[1] ?? 0) - 3_800)).toBeLessThan(TOLERANCE_MS);
  }
});
