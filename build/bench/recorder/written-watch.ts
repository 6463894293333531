import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "#shared/runtime/errors.ts";
import type { FlushSeen } from "./hook-options.ts";
import { FrameScanner } from "./frame-scanner.ts";
import { machineMs } from "./machine-time.ts";

const LOOK_EVERY_MS = 10;
const READ_BYTES = 1 << 20;

/** When each frame of a track was found in its file, by `machineMs`; at most {@link LOOK_EVERY_MS} too late. */
interface SeenTrack {
  folder: string;
  files: Map<string, FrameScanner>;
  frames: { at: number; segment: string }[];
}

/** What a picture took from its last packet until it was in a file, and until that was on the disk. */
export interface PictureDelays {
  writtenMs: number[];
  durableMs: number[];
}

/** Looks from outside how the files of some tracks grow. */
export class WrittenWatch implements Disposable {
  readonly #tracks: Map<number, SeenTrack>;
  readonly #timer: NodeJS.Timeout;
  readonly #chunk = Buffer.allocUnsafe(READ_BYTES);

  /** @param folders - by screen, the folder of its track's segments. */
  constructor(folders: ReadonlyMap<number, string>) {
    this.#tracks = new Map(
      [...folders].map(([screen, folder]) => [screen, { folder, files: new Map(), frames: [] }]),
    );
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /**
   * The delays of pictures sent in a stretch of time.
   *
   * @param sentAt - by screen: when each picture since its first went.
   * @param flushes - of the same files.
   */
  delays(
    sentAt: Readonly<Record<number, readonly number[]>>,
    flushes: readonly FlushSeen[],
    [from, to]: readonly [number, number],
  ): PictureDelays {
    const delays: PictureDelays = { writtenMs: [], durableMs: [] };
    const byFile = Map.groupBy(flushes, ({ path }) => nameOf(path));
    for (const [screen, { folder, frames }] of this.#tracks) {
      for (const [index, sent] of (sentAt[screen] ?? []).entries()) {
        const frame = frames[index];
        if (sent < from || sent > to || frame === undefined) continue;
        delays.writtenMs.push(frame.at - sent);
        // What is found now was written since the last look.
        const flush = byFile
          .get(nameOf(join(folder, frame.segment)))
          ?.find(({ startedAt }) => startedAt >= frame.at - LOOK_EVERY_MS);
        if (flush !== undefined) delays.durableMs.push(flush.endedAt - sent);
      }
    }
    return delays;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const track of this.#tracks.values()) {
      for (const file of readdirSync(track.folder).sort()) this.#lookAt(track, file);
    }
  }

  #lookAt(track: SeenTrack, file: string): void {
    const segment = segmentOf(file);
    const isSealed = segment === file;
    const known = track.files.get(segment);
    if (isSealed && known === undefined) return;
    const scanner = known ?? new FrameScanner();
    track.files.set(segment, scanner);
    const handle = openIfThere(join(track.folder, file));
    if (handle === null) return;
    try {
      for (;;) {
        const before = scanner.position;
        const got = readSync(handle, this.#chunk, 0, this.#chunk.byteLength, before);
        const framesBefore = scanner.frames;
        scanner.scan(this.#chunk.subarray(0, got));
        const at = machineMs();
        for (let frame = framesBefore; frame < scanner.frames; frame++) track.frames.push({ at, segment });
        if (scanner.position === before) return;
      }
    } finally {
      closeSync(handle);
    }
  }
}

/** Null when the file has got its final name since the folder was read. */
function openIfThere(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
}

/** A segment's name, sealed or not. */
function segmentOf(file: string): string {
  return file.replace(/\.part$/, "");
}

/** Recording, track and segment of a file. */
function nameOf(path: string): string {
  return segmentOf(path).split("/").slice(-3).join("/");
}
