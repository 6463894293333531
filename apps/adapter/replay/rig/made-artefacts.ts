import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PICTURES_FILE, PICTURES_FORMAT, type ScreenPictures } from "#shared/archive/pictures.ts";
import { pictureDeltas } from "../../domain/picture-times.ts";
import { makeOnce } from "../../rig/made-once.ts";
import { readPictureTimes } from "../../stitch/read-picture-times.ts";
import { type ListedFile, listFile } from "./made-media.ts";

const PER_SECOND = 20;
const WIDTH = 240;
const HEIGHT = 135;
const COLUMNS = 10;

/** Peaks that are loud but for some stretches, in seconds from the interaction's start; with a second, silent side. */
export async function makePeaks(
  folder: string,
  durationS: number,
  silent: readonly (readonly [fromS: number, toS: number])[],
): Promise<ListedFile> {
  const loud = Uint8Array.from({ length: durationS * PER_SECOND }, (_, index) => {
    const at = index / PER_SECOND;
    return silent.some(([fromS, toS]) => fromS <= at && at < toS) ? 0 : 150 + (index % 7) * 10;
  });
  const channels = [loud, new Uint8Array(loud.length)].map((values) => ({
    peaks: Buffer.from(values).toString("base64"),
  }));
  const content = {
    format: "deskreel.peaks/1",
    durationMs: durationS * 1_000,
    perSecond: PER_SECOND,
    channels,
  };
  await writeFile(join(folder, "peaks.json"), JSON.stringify(content));
  return await listFile(folder, "peaks.json");
}

/** A small picture for each second of each screen, one sheet a screen. */
export async function makeThumbnails(
  folder: string,
  screens: readonly { file: string; durationS: number }[],
): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  const described: object[] = [];
  for (const [index, { file, durationS }] of screens.entries()) {
    const sheet = `thumbnails-${index + 1}-1.jpg`;
    const source = `testsrc=size=${WIDTH}x${HEIGHT}:rate=1:duration=${durationS}`;
    const tile = `tile=${COLUMNS}x${Math.ceil(durationS / COLUMNS)}`;
    await makeOnce(join(folder, sheet), ["-f", "lavfi", "-i", source, "-vf", tile, "-frames:v", "1"]);
    files.push(await listFile(folder, sheet));
    described.push({
      ...{ file, width: WIDTH, height: HEIGHT, columns: COLUMNS, everyMs: 1_000, count: durationS },
      sheets: [{ file: sheet, count: durationS }],
    });
  }
  const content = { format: "deskreel.thumbnails/1", screens: described };
  await writeFile(join(folder, "thumbnails.json"), JSON.stringify(content));
  return [...files, await listFile(folder, "thumbnails.json")];
}

/** When the pictures of screens begin, as stitching says it. */
export async function makePictureTimes(folder: string, files: readonly string[]): Promise<ListedFile> {
  const screens: ScreenPictures[] = [];
  for (const file of files) {
    const times = await readPictureTimes(join(folder, file), new AbortController().signal);
    if (times === null) throw new Error(`${file} does not say when its pictures begin`);
    screens.push({ file, ticksPerSecond: times.ticksPerSecond, deltas: pictureDeltas(times.starts) });
  }
  await writeFile(join(folder, PICTURES_FILE), JSON.stringify({ format: PICTURES_FORMAT, screens }));
  return await listFile(folder, PICTURES_FILE);
}
