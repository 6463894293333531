import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#shared/runtime/subprocess.ts";
import { seededRandom } from "../bench/made-up-recordings.ts";
import { type ListedFile, listFile } from "../../apps/adapter/replay/rig/made-media.ts";

const PER_SECOND = 20;
const [WIDTH, HEIGHT, COLUMNS, EVERY_MS] = [240, 135, 10, 4_000] as const;

type Stretch = readonly [fromS: number, toS: number];

/** Peaks of two people who speak in turns, one on each side; both are silent out of the talk, and on hold. */
export async function makeSpeechPeaks(
  folder: string,
  durationS: number,
  talk: Stretch,
  holds: readonly Stretch[],
): Promise<ListedFile> {
  const random = seededRandom(11);
  const sides = [0, 1].map(() => new Uint8Array(durationS * PER_SECOND));
  const [from, to] = talk;
  for (let at = from, speaker = 0; at < to; speaker = 1 - speaker) {
    const until = Math.min(to, at + 1.5 + random() * 7);
    for (let index = Math.ceil(at * PER_SECOND); index < until * PER_SECOND; index += 1) {
      const atS = index / PER_SECOND;
      if (holds.some(([first, last]) => first <= atS && atS < last)) continue;
      const side = sides[speaker];
      // A breath between sentences now and then.
      if (side !== undefined) side[index] = Math.sin(atS * 2.1) > 0.92 ? 4 : 40 + random() ** 1.6 * 200;
    }
    at = until + random() * 1.2;
  }
  const channels = sides.map((values) => ({ peaks: Buffer.from(values).toString("base64") }));
  const content = {
    ...{ format: "deskreel.peaks/1", durationMs: durationS * 1_000, perSecond: PER_SECOND, channels },
  };
  await writeFile(join(folder, "peaks.json"), JSON.stringify(content));
  return await listFile(folder, "peaks.json");
}

/** Small pictures of screens that stand still: each is `NAME.png`, filmed as `NAME.mp4`. */
export async function makeStillThumbnails(
  folder: string,
  screens: readonly { name: string; durationS: number }[],
): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  const described: object[] = [];
  for (const { name, durationS } of screens) {
    const count = Math.ceil((durationS * 1_000) / EVERY_MS);
    const sheet = `thumbnails-${name}.jpg`;
    const filter = `scale=${WIDTH}:${HEIGHT},tile=${COLUMNS}x${Math.ceil(count / COLUMNS)}`;
    const still = ["-v", "error", "-y", "-loop", "1", "-i", join(folder, `${name}.png`)];
    await run("ffmpeg", [...still, "-vf", filter, "-frames:v", "1", join(folder, sheet)]);
    files.push(await listFile(folder, sheet));
    described.push({
      ...{ file: `${name}.mp4`, width: WIDTH, height: HEIGHT, columns: COLUMNS, everyMs: EVERY_MS, count },
      sheets: [{ file: sheet, count }],
    });
  }
  const content = { format: "deskreel.thumbnails/1", screens: described };
  await writeFile(join(folder, "thumbnails.json"), JSON.stringify(content));
  return [...files, await listFile(folder, "thumbnails.json")];
}
