import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PEAKS_FILE } from "#shared/archive/peaks.ts";
import {
  PICTURES_FILE,
  PICTURES_FORMAT,
  type Pictures,
  type ScreenPictures,
} from "#shared/archive/pictures.ts";
import {
  THUMBNAILS_FILE,
  THUMBNAILS_FORMAT,
  type ScreenThumbnails,
  type Thumbnails,
} from "#shared/archive/thumbnails.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { ArchivedFile, UsablePlan, UsableScreen } from "../domain/archived-source.ts";
import type { CardLook } from "../domain/card-args.ts";
import { choosePoster } from "../domain/choose-poster.ts";
import { cutAtKeys, type PieceFile } from "../domain/cut-list.ts";
import { concatList, screenArgs } from "../domain/ffmpeg-args.ts";
import { AUDIO_FILE, type FinishedFile } from "../domain/manifest.ts";
import { pictureDeltas } from "../domain/picture-times.ts";
import { audioArgs } from "../domain/sound-args.ts";
import type { CardText } from "../domain/screen-card.ts";
import type { SegmentRef } from "../domain/stitch-plan.ts";
import { CardFiles } from "./card-files.ts";
import { cutArchived } from "./cut-archived.ts";
import { encodeSound } from "./encode-sound.ts";
import { findKeyPictures } from "./find-key-pictures.ts";
import { finishFile } from "./finish-file.ts";
import { makeThumbnails } from "./make-thumbnails.ts";
import { pictureProgress } from "./progress-log.ts";
import { readLength } from "./read-length.ts";
import { readPictureTimes } from "./read-picture-times.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";
import { openScratch, scratchRoot } from "./scratch.ts";
import { runSideBySide } from "./side-by-side.ts";

/** A file may differ from its plan by one picture at the end, or by an audio frame; more is worth a word. */
const LENGTH_TOLERANCE_MS = 250;
/** Programs that run at once. Each takes a core and 60 MB. */
const AT_ONCE = 2;

export interface StitchOptions {
  /** Where sources are; paths of the plan count from here, and scratch files go below it. */
  dataDir: string;
  /** A segment's file, relative to {@link dataDir}. */
  segmentPath: (ref: SegmentRef) => string;
  /** The absolute path of a copy of each file of the archive that the plan needs; absent: it needs none. */
  archivedPath?: (file: ArchivedFile) => string;
  log: Log;
  signal: AbortSignal;
}

/**
 * Makes a version's media: the sound of the whole interaction, and each screen with its slice of it; and what the replay
 * page needs beside them. The only place that runs ffmpeg to make something; the pictures are copied, never encoded again.
 *
 * @param folder - where the files go; it is there and empty.
 * @throws SubprocessError with the end of ffmpeg's stderr.
 */
export async function stitchVersion(
  plan: UsablePlan,
  folder: string,
  options: StitchOptions,
): Promise<FinishedFile[]> {
  await using scratch = await openScratch(options.dataDir, plan.interactionId);
  return await stitchIn(scratch.path, plan, folder, options);
}

async function stitchIn(
  scratch: string,
  plan: UsablePlan,
  folder: string,
  { dataDir, segmentPath, archivedPath = refuseArchived, log, signal }: StitchOptions,
): Promise<FinishedFile[]> {
  const make = async (name: string, args: string[], plannedMs: DurationMs, stopped: AbortSignal) => {
    const { onStdout, countPictures } = pictureProgress(log, name, plannedMs);
    await runFfmpeg(args, { mediaMs: plannedMs, signal: stopped, onStdout });
    const durationMs = await readLength(join(folder, name));
    if (Math.abs(durationMs - plannedMs) > LENGTH_TOLERANCE_MS) {
      log.warn({ file: name, durationMs, plannedMs }, "stitched length differs from the plan");
    }
    return { file: { ...(await finishFile(folder, name)), durationMs }, pictures: countPictures() };
  };
  const writeJson = async (name: string, value: unknown) => {
    await writeFile(join(folder, name), JSON.stringify(value));
    return await finishFile(folder, name);
  };

  const cards = await CardFiles.open(join(scratchRoot(dataDir), "cards"), log, signal);
  const beside = plan.screens.flatMap((screen) =>
    screen.pieces.flatMap((piece) => ("card" in piece ? [() => cards.get(lookOf(screen, piece.card))] : [])),
  );
  const inputs = plan.audio.map(({ path, archived }) =>
    archived === undefined ? join(dataDir, path) : archivedPath(archived),
  );
  const sound = await encodeSound(plan, inputs, { scratch, most: AT_ONCE, beside, log, signal });
  const poster = choosePoster(plan);
  const thumbnails = new Map<string, ScreenThumbnails>();
  const times = new Map<string, ScreenPictures>();
  const jobs = plan.screens.map((screen) => async (stopped: AbortSignal) => {
    const list = join(scratch, `${screen.file}.txt`);
    const pieces: PieceFile[] = [];
    for (const piece of screen.pieces) {
      const { holdMs } = piece;
      if ("card" in piece) pieces.push({ path: await cards.get(lookOf(screen, piece.card)), holdMs });
      else if ("archived" in piece)
        pieces.push(await cutArchived(archivedPath(piece.archived), piece, stopped));
      else pieces.push({ ...piece, path: join(dataDir, segmentPath(piece)) });
    }
    const listed = cutAtKeys(pieces, await findKeyPictures(pieces, stopped));
    if (listed.length < pieces.length) {
      const fewer = pieces.length - listed.length;
      log.warn({ file: screen.file, fewer }, "no key picture after a gap; its last picture stays");
    }
    await writeFile(list, concatList(listed));
    const keys = join(scratch, `${screen.file}.keys.mkv`);
    const args = screenArgs(screen, list, sound, join(folder, screen.file), keys);
    const { file, pictures } = await make(screen.file, args, screen.durationMs, stopped);
    const shown = await readPictureTimes(join(folder, screen.file), stopped);
    if (shown === null) log.warn({ file: screen.file }, "a screen does not say when its pictures begin");
    else {
      const { ticksPerSecond, starts } = shown;
      times.set(screen.file, { file: screen.file, ticksPerSecond, deltas: pictureDeltas(starts) });
    }
    const { width, height } = screen.entry;
    const source = { file: file.name, width, height, durationMs: screen.durationMs, pictures, keys };
    const beside = await makeThumbnails(source, {
      ...{ folder, screens: plan.screens.length, log, signal: stopped },
      posterAtMs: poster?.file === screen.file ? poster.atMs : null,
    });
    if (beside !== null) thumbnails.set(screen.file, beside.thumbnails);
    return [file, ...(beside?.files ?? [])];
  });
  if (sound !== null) {
    const args = audioArgs(sound.aac, plan.durationMs, sound.perMs, join(folder, AUDIO_FILE));
    jobs.unshift(async (stopped) => [
      (await make(AUDIO_FILE, args, plan.durationMs, stopped)).file,
      await writeJson(PEAKS_FILE, sound.peaks),
    ]);
  }
  const files = (await runSideBySide(AT_ONCE, jobs, signal)).flat();
  const inOrder = <Made>(made: ReadonlyMap<string, Made>) =>
    plan.screens.flatMap(({ file }) => made.get(file) ?? []);
  const pictures: Pictures = { format: PICTURES_FORMAT, screens: inOrder(times) };
  if (times.size > 0) files.push(await writeJson(PICTURES_FILE, pictures));
  const sheets: Thumbnails = { format: THUMBNAILS_FORMAT, screens: inOrder(thumbnails) };
  if (thumbnails.size > 0) files.push(await writeJson(THUMBNAILS_FILE, sheets));
  return files;
}

function refuseArchived({ place, file }: ArchivedFile): never {
  throw new RangeError(`no copy of ${place}/${file} was made for a plan that needs it`);
}

function lookOf({ codec, entry: { width, height } }: UsableScreen, card: CardText): CardLook {
  return { codec, width, height, ...card };
}
