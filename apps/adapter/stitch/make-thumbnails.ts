import { rm } from "node:fs/promises";
import { join } from "node:path";
import { POSTER_FILE, type ScreenThumbnails } from "#shared/archive/thumbnails.ts";
import type { Log } from "#shared/runtime/log.ts";
import { SubprocessError } from "#shared/runtime/subprocess.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { FinishedFile } from "../domain/manifest.ts";
import { thumbnailArgs } from "../domain/thumbnail-args.ts";
import { planThumbnails, type ThumbnailSource } from "../domain/thumbnail-plan.ts";
import { finishFile } from "./finish-file.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";

/** Nobody counts them: one a minute is usual. */
const KEYS_ARE_FEW = 0;

/** A finished screen. */
export interface MadeScreen extends ThumbnailSource {
  /** Its key pictures alone; absolute. */
  keys: string;
}

interface ThumbnailOptions {
  /** Of the version's files. */
  folder: string;
  /** How many screens the version has. */
  screens: number;
  /** On the screen's own time; null: the poster is of another screen. */
  posterAtMs: DurationMs | null;
  log: Log;
  signal: AbortSignal;
}

/**
 * Makes a screen's thumbnails, and the poster if it is of this screen.
 *
 * @returns null where its pictures cannot be decoded, which is said: it can be kept all the same.
 */
export async function makeThumbnails(
  screen: MadeScreen,
  { folder, screens, posterAtMs, log, signal }: ThumbnailOptions,
): Promise<{ thumbnails: ScreenThumbnails; files: FinishedFile[] } | null> {
  const thumbnails = planThumbnails(screen, screens);
  const { everyMs, count, shows, sheets } = thumbnails;
  const source =
    shows === "every"
      ? { input: join(folder, screen.file), pictures: screen.pictures }
      : { input: screen.keys, pictures: KEYS_ARE_FEW };
  const [first] = sheets;
  const pattern = first?.file.replace(/1\.jpg$/, "%d.jpg") ?? "";
  const poster =
    posterAtMs === null
      ? null
      : {
          picture: Math.min(count - 1, Math.floor(posterAtMs / everyMs)),
          output: POSTER_FILE,
        };
  const names = [...(poster === null ? [] : [POSTER_FILE]), ...sheets.map(({ file }) => file)];
  try {
    await runFfmpeg(thumbnailArgs(source, thumbnails, pattern, poster), {
      mediaMs: screen.durationMs,
      // What a pattern's path has of % would be read as a number's place.
      cwd: folder,
      signal,
    });
  } catch (error) {
    if (signal.aborted || !(error instanceof SubprocessError) || isOfMachine(error)) throw error;
    log.warn({ file: screen.file, err: error }, "no thumbnails of a screen whose pictures cannot be decoded");
    // What the manifest does not list must not be there.
    for (const name of names) await rm(join(folder, name), { force: true });
    return null;
  }
  const files = await Promise.all(names.map((name) => finishFile(folder, name)));
  return { thumbnails, files };
}

/** What another try may mend: it was killed, could not be started or took too long, or the machine had no room. */
function isOfMachine({ exitCode, stderr }: SubprocessError): boolean {
  return exitCode === null || /No space left|Cannot allocate memory|Input\/output error/.test(stderr);
}
