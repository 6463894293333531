/** What the replay page gets beside the media: small pictures that show what was on the screen then, and how loud it was. */
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { PEAKS_FILE, peaksSchema } from "#shared/archive/peaks.ts";
import { PICTURES_FILE } from "#shared/archive/pictures.ts";
import {
  POSTER_FILE,
  type ScreenThumbnails,
  THUMBNAILS_FILE,
  thumbnailsSchema,
} from "#shared/archive/thumbnails.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { concatList, screenArgs } from "../domain/ffmpeg-args.ts";
import { countRows } from "../domain/thumbnail-plan.ts";
import { makeScreen } from "../rig/made-media.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { stitchScene } from "../rig/stitch-scene.ts";
import { makeThumbnails } from "./make-thumbnails.ts";

/**
 * A screen that is light at its second 2, from which on a flash lasts 200 ms, and neither at 3, just after a flash, nor at
 * 5, just before one. Second 6 is a card; then it is a portrait one, and light at its second 8.
 */
const SCENE = {
  segments: [
    { at: 0, durationMs: 6_000, flashes: [2_000, 2_760, 5_040] },
    { at: 7_200, durationMs: 1_800, flashes: [800], size: "96x160" },
  ],
  missing: [[6_000, 7_200, { state: "masked" }]] as [number, number, { state: "masked" }][],
  beeps: [1_000, 3_700],
};
/** What each of its seconds is: dark, light, or a card, which is neither. */
const SECONDS = ["dark", "dark", "light", "dark", "dark", "dark", "card", "card", "light"];
/** Full scale of {@link SCENE}'s beeps is 0.8. */
const BEEP_PEAK = 0.8 * 255;
const BEEP_MS = 100;

/** Mean lightness in the middle of each picture, and at its left edge. */
async function readSheets(
  folder: string,
  thumbnails: ScreenThumbnails,
): Promise<{ middle: number; left: number }[]> {
  const { width, height, columns, sheets } = thumbnails;
  const rows = countRows(thumbnails);
  const pictures: { middle: number; left: number }[] = [];
  for (const { file, count } of sheets) {
    const path = join(folder, file);
    const pixels = await run("ffmpeg", [
      ...["-v", "error", "-i", path],
      ...["-vf", "format=gray", "-f", "rawvideo", "-"],
    ]);
    expect(pixels).toHaveLength(columns * width * rows * height);
    const mean = (left: number, top: number, wide: number, high: number) => {
      let sum = 0;
      for (let y = top; y < top + high; y += 1) {
        for (let x = left; x < left + wide; x += 1) sum += pixels[y * columns * width + x] ?? 0;
      }
      return sum / wide / high;
    };
    for (let index = 0; index < count; index += 1) {
      const [left, top] = [(index % columns) * width, Math.floor(index / columns) * height];
      pictures.push({
        middle: mean(left + width / 2 - 40, top + height / 2 - 40, 80, 80),
        left: mean(left + 4, top + 20, 20, height - 40),
      });
    }
  }
  return pictures;
}

/** What a picture's lightness is: a card is dark with words in it. */
function nameOf(middle: number): string {
  if (middle > 200) return "light";
  return middle > 20 ? "card" : "dark";
}

test.each(CODECS)(
  "in %s each thumbnail is what the screen showed then, whatever its size, also a card",
  async (codec) => {
    await using scratch = await scratchFolder();
    const { path, files, plan } = await stitchScene(scratch.path, { ...SCENE, codec });
    const folder = dirname(path);
    const json = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8")) as unknown;
    const [thumbnails] = thumbnailsSchema.parse(await json(THUMBNAILS_FILE)).screens;
    if (thumbnails === undefined) throw new Error("the screen has thumbnails");

    expect(files.map(({ name }) => name)).toEqual([
      ...["audio.m4a", PEAKS_FILE, plan.screens[0]?.file, POSTER_FILE, "thumbnails-1-1.jpg"],
      ...[PICTURES_FILE, THUMBNAILS_FILE],
    ]);
    expect(thumbnails).toMatchObject({
      file: plan.screens[0]?.file,
      shows: "every",
      everyMs: 1_000,
      count: 9,
    });
    const pictures = await readSheets(folder, thumbnails);
    expect(pictures.map(({ middle }) => nameOf(middle))).toEqual(SECONDS);
    // A portrait screen in a landscape one's place is no wider than it was.
    expect([pictures[2]?.left, pictures[8]?.left].map((left) => nameOf(left ?? 0))).toEqual([
      "light",
      "dark",
    ]);

    const { channels, durationMs, perSecond } = peaksSchema.parse(await json(PEAKS_FILE));
    expect({ durationMs, perSecond, channels: channels.length }).toEqual({
      ...{ durationMs: plan.durationMs, perSecond: 20, channels: 1 },
    });
    const peaks = [...Buffer.from(channels[0]?.peaks ?? "", "base64")];
    expect(peaks).toHaveLength(Math.ceil(durationMs / 50));
    const loud = peaks.flatMap((peak, index) => (Math.abs(peak - BEEP_PEAK) < 4 ? [index * 50] : []));
    const beeps = SCENE.beeps.map((at) => at + (plan.audio[0]?.offsetMs ?? Number.NaN));
    // A beep's last sample is the first one after its 100 ms.
    expect(loud).toEqual(beeps.flatMap((at) => [at, at + BEEP_MS / 2, at + BEEP_MS]));
    expect(Math.max(...peaks.filter((_, index) => !loud.includes(index * 50)))).toBe(0);

    // Of the same screen, with nothing but key pictures: those of both segments and of the card.
    const list = join(scratch.path, "list.txt");
    await writeFile(list, concatList([{ path, holdMs: thumbnails.count * 1_000 }]));
    const keys = join(scratch.path, "keys.mkv");
    const [screen] = plan.screens;
    if (screen === undefined) throw new Error("there is a screen");
    await run("ffmpeg", screenArgs(screen, list, null, join(scratch.path, "copy"), keys));
    const made = await makeThumbnails(
      { ...{ file: screen.file, width: 160, height: 96, durationMs: 35_000, pictures: 1_000_000 }, keys },
      {
        ...{ folder: scratch.path, screens: 1, posterAtMs: 34_000, log: silentLog() },
        signal: new AbortController().signal,
      },
    );
    if (made === null) throw new Error("they can be decoded");
    expect(made.thumbnails).toMatchObject({ shows: "key", everyMs: 10_000, count: 4 });
    // The portrait one begins dark, and stays what it was in its key picture.
    const later = await readSheets(scratch.path, made.thumbnails);
    expect(later.map(({ middle }) => nameOf(middle))).toEqual(["dark", "dark", "dark", "dark"]);
    expect((await stat(join(scratch.path, POSTER_FILE))).size).toBeGreaterThan(0);
  },
);

test("a screen whose pictures cannot be decoded has no thumbnails, and nothing else is wrong with it", async () => {
  await using scratch = await scratchFolder();
  const clean = join(scratch.path, "clean.webm");
  await writeFile(clean, await makeScreen(scratch.path, 1_000, []));
  const keys = join(scratch.path, "keys.mkv");
  const damage = ["-c", "copy", "-bsf:v", "noise=amount=1", "-f", "matroska", keys];
  await run("ffmpeg", ["-v", "error", "-i", clean, ...damage]);
  const folder = join(scratch.path, "version");
  await mkdir(folder);
  const screen = {
    file: "screen-1.mp4",
    width: 160,
    height: 96,
    durationMs: 9_000,
    pictures: 1_000_000,
    keys,
  };
  const { signal } = new AbortController();
  const options = { folder, screens: 1, posterAtMs: 0, log: silentLog(), signal };
  expect(await makeThumbnails(screen, options)).toBeNull();
  expect(await readdir(folder)).toEqual([]);
  // What is no fault of the pictures makes the version fail, which is tried again.
  await expect(makeThumbnails(screen, { ...options, folder: join(folder, "gone") })).rejects.toThrow(
    "started",
  );
  const stopped = AbortSignal.abort(new Error("the adapter ends"));
  await expect(makeThumbnails(screen, { ...options, signal: stopped })).rejects.toThrow("the adapter ends");
});
