import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type Codec, CODECS } from "#shared/api/recording.ts";
import { picturesSchema } from "#shared/archive/pictures.ts";
import { run } from "#shared/runtime/subprocess.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { probeMedia } from "../../../e2e/media/probe.ts";
import { readMedia } from "../../../e2e/media/read-media.ts";
import { FRAMES_PER_SECOND } from "../rig/made-media.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { stitchScene } from "../rig/stitch-scene.ts";

/** Of a picture's and a beep's place in the file: rounding to milliseconds, and the beep's rise. */
const TOLERANCE_MS = 2;

function expectInstants(found: readonly DurationMs[], expected: readonly DurationMs[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, at] of expected.entries())
    expect(Math.abs((found[index] ?? 0) - at)).toBeLessThan(TOLERANCE_MS);
}

test.each(CODECS)("a screen in %s is joined and keeps its time, pictures and sound alike", async (codec) => {
  await using scratch = await scratchFolder();
  // A second is missing between the two segments, and the monitor has another size after it.
  const segments = [
    { at: 0, durationMs: 2_000, flashes: [1_000] },
    { at: 3_000, durationMs: 2_000, flashes: [800], size: "192x128" },
  ];
  const { path, files } = await stitchScene(scratch.path, { codec, segments, beeps: [1_000, 3_800] });

  expect(files.map(({ name }) => name)).toEqual([
    "audio.m4a",
    "peaks.json",
    codec === "vp8" ? "screen-1.webm" : "screen-1.mp4",
    ...["poster.jpg", "thumbnails-1-1.jpg", "pictures.json", "thumbnails.json"],
  ]);
  const { video, audio, durationMs } = await probeMedia(path);
  expect({ video: video?.codec, audio: audio?.codec }).toEqual({
    video: codec,
    audio: codec === "vp8" ? "opus" : "aac",
  });
  expect(Math.abs(durationMs - 5_000)).toBeLessThan(50);
  for (const file of files) {
    const made = join(dirname(path), file.name);
    // What its header says is what ffprobe finds, to the rounding.
    if (file.durationMs !== undefined)
      expect(Math.abs(file.durationMs - (await probeMedia(made)).durationMs)).toBeLessThanOrEqual(1);
    const bytes = await readFile(made);
    expect(file).toMatchObject({ bytes: bytes.length, sha256: hash("sha256", bytes) });
  }
  expect(await pictureSizes(path)).toEqual(["160,96", "192,128"]);
  const { flashes, beeps } = await readMedia(path);
  expectInstants(flashes, [1_000, 3_800]);
  expectInstants(beeps, [1_000, 3_800]);
  expect(await archivedTimes(path)).toEqual(await shownTimes(path));
});

// One for each container.
const ONE_EACH: Codec[] = ["vp9", "vp8"];

test.each(ONE_EACH)("a screen in %s that begins inside a packet of sound keeps its time", async (codec) => {
  await using scratch = await scratchFolder();
  const { path, plan } = await stitchScene(scratch.path, {
    ...{ codec, segments: [{ at: 1_237, durationMs: 3_000, flashes: [1_000] }] },
    beeps: [1_300, 2_237],
  });
  expect(plan.screens[0]?.entry.offsetMs).toBe(1_237);
  expect(Math.abs((await probeMedia(path)).durationMs - 3_000)).toBeLessThan(50);
  const { flashes, beeps } = await readMedia(path);
  expectInstants(flashes, [1_000]);
  expectInstants(beeps, [63, 1_000]);
});

test("sound that was paused is silent for as long, and what comes after it keeps its time", async () => {
  await using scratch = await scratchFolder();
  const { path } = await stitchScene(scratch.path, {
    codec: "vp9",
    segments: [{ at: 0, durationMs: 6_000, flashes: [1_000, 4_400] }],
    beeps: [1_000, 2_900],
    pauses: [
      [2_000, 3_000],
      [3_500, 4_000],
    ],
  });
  const { flashes, beeps } = await readMedia(path);
  expectInstants(flashes, [1_000, 4_400]);
  expectInstants(beeps, [1_000, 4_400]);
});

test.each(ONE_EACH)(
  "a recorder's clock that was set back costs no picture in %s, and no place after it",
  async (codec) => {
    await using scratch = await scratchFolder();
    // Set back by a second when three had gone by.
    const segments = [
      { at: 0, durationMs: 3_000, flashes: [800, 2_400] },
      { at: 2_000, durationMs: 3_000, flashes: [1_800] },
    ];
    const { path } = await stitchScene(scratch.path, { codec, segments, beeps: [800, 3_800] });

    expect(Math.abs((await probeMedia(path)).durationMs - 5_000)).toBeLessThan(50);
    const times = await shownTimes(path);
    expect(times).toHaveLength(2 * 3 * FRAMES_PER_SECOND);
    expect(await archivedTimes(path)).toEqual(times);
    const { flashes, beeps } = await readMedia(path);
    expectInstants(flashes, [800, 2_400, 3_800]);
    expectInstants(beeps, [800, 3_800]);
  },
);

/** Each size of a file's pictures when they are decoded, in their order. */
async function pictureSizes(file: string): Promise<string[]> {
  const text = await run("ffprobe", [
    ...["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=width,height"],
    ...["-of", "csv=p=0", file],
  ]);
  const sizes = text.toString().match(/^\d+,\d+/gm) ?? [];
  return sizes.filter((size, index) => size !== sizes[index - 1]);
}

/** When a file's pictures begin, in ms, as they are decoded. */
async function shownTimes(path: string): Promise<DurationMs[]> {
  const frames = await run("ffprobe", [
    ...["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts:stream=time_base"],
    ...["-of", "json", path],
  ]);
  const shown = JSON.parse(frames.toString()) as {
    frames: { pts: number }[];
    streams: { time_base: string }[];
  };
  const ticksPerSecond = Number(shown.streams[0]?.time_base.split("/")[1]);
  return shown.frames.map(({ pts }) => (pts * 1_000) / ticksPerSecond);
}

/** As {@link shownTimes}, as the archive says it. */
async function archivedTimes(path: string): Promise<DurationMs[]> {
  const content = await readFile(join(dirname(path), "pictures.json"), "utf8");
  const { screens } = picturesSchema.parse(JSON.parse(content));
  return screens.flatMap(({ file, ticksPerSecond, deltas }) => {
    expect(file).toBe(basename(path));
    let ticks = 0;
    return deltas.map((delta) => ((ticks += delta) * 1_000) / ticksPerSecond);
  });
}
