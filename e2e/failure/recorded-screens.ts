import { globSync } from "node:fs";
import { cp, mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "#shared/runtime/subprocess.ts";

/** More is not copied: the folder goes into a ticket. */
const ARCHIVED_MAX_BYTES = 200_000_000;

/**
 * Makes of each track in a call buffer one video, from all its segments, also from one that is not closed. Nothing is
 * encoded anew; a time without a segment is left out.
 *
 * @param nameOf - what the video of a track is called.
 */
export async function joinRecordedScreens(
  bufferDir: string,
  into: string,
  nameOf: (recordingId: string, trackId: string) => string,
  signal: AbortSignal,
): Promise<void> {
  const files = globSync("*/*/*.scn{,.part}", { cwd: bufferDir }).toSorted();
  const tracks = Map.groupBy(files, dirname);
  if (tracks.size > 0) await mkdir(into, { recursive: true });
  for (const [track, segments] of tracks) {
    const paths = segments.map((segment) => join(bufferDir, segment));
    const name = nameOf(dirname(track), basename(track));
    const list = join(into, `${name}.txt`);
    await writeFile(list, paths.map((path) => `file '${path}'\n`).join(""));
    const video = join(into, `${name}.${(await isMatroska(paths[0] ?? "")) ? "mkv" : "webm"}`);
    try {
      await run("ffmpeg", ["-v", "error", "-f", "concat", "-safe", "0", "-i", list, "-c", "copy", video], {
        signal,
      });
    } finally {
      await rm(list);
    }
  }
}

/** Copies the newest version of each interaction in an archive, unless they are too large. */
export async function copyInteractions(archiveDir: string, into: string): Promise<void> {
  const versions = globSync("*/*/*/*/v*", { cwd: archiveDir });
  for (const [interaction, found] of Map.groupBy(versions, dirname)) {
    const number = (path: string) => Number(basename(path).slice(1));
    const newest = join(archiveDir, found.toSorted((a, b) => number(a) - number(b)).at(-1) ?? "");
    const sizes = await Promise.all(globSync("**", { cwd: newest }).map((name) => stat(join(newest, name))));
    const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
    if (bytes > ARCHIVED_MAX_BYTES) throw new Error(`${newest} has ${bytes} bytes, more than is copied`);
    await cp(newest, join(into, basename(interaction)), { recursive: true });
  }
}

/** Segments of H264 are Matroska, the others WebM; the header says it. */
async function isMatroska(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
  return buffer.includes("matroska");
}
