import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { DurationMs } from "#shared/time/units.ts";
import type { DraftFile } from "./segment-folder.ts";
import {
  type Block,
  type CuePoint,
  encodeCluster,
  type SegmentSummary,
  type WebmMuxer,
} from "./webm-muxer.ts";

/** Between flushes of an open segment to the disk itself; only a power cut loses what was written since. */
const DATASYNC_EVERY_MS: DurationMs = 5_000;
const READ_BACK_BYTES = 256 * 1024;

/** What of a segment is in its file. */
export interface WrittenExtent {
  frames: number;
  /** Of the last frame, on the segment's timeline. */
  lastMs: DurationMs;
  /** Between the last two frames; null with one. */
  lastDistanceMs: DurationMs | null;
}

/** A segment that has its final name. */
export interface SealedFile {
  segmentId: string;
  bytes: number;
  sha256: string;
}

/**
 * One segment on the disk: writes are queued, so no caller waits; the first that fails is reported once and ends the
 * segment: what was written before it can still be sealed.
 */
export class SegmentFile {
  readonly #draft: Promise<DraftFile>;
  readonly #makeMuxer: (segmentId: string) => WebmMuxer;
  readonly #onFailure: (error: unknown) => void;
  #muxer: WebmMuxer | null = null;
  #queue: Promise<void>;
  #failed = false;
  /** Where the next cluster goes; everything before it is whole. */
  #position = 0;
  readonly #cues: CuePoint[] = [];
  readonly #written: WrittenExtent = { frames: 0, lastMs: 0, lastDistanceMs: null };
  #syncing: Promise<void> = Promise.resolve();
  #syncError: unknown = null;
  // Many segments begin at once when a shift does; their flushes are spread over the interval.
  #syncedAt = performance.now() - Math.random() * DATASYNC_EVERY_MS;

  constructor(
    draft: Promise<DraftFile>,
    makeMuxer: (segmentId: string) => WebmMuxer,
    onFailure: (error: unknown) => void,
  ) {
    this.#draft = draft;
    this.#makeMuxer = makeMuxer;
    this.#onFailure = onFailure;
    this.#queue = Promise.resolve();
    void this.#enqueue(async ({ handle, segmentId }) => {
      this.#muxer = this.#makeMuxer(segmentId);
      await writeAll(handle, [this.#muxer.header], 0);
      this.#position = this.#muxer.header.byteLength;
    });
  }

  /** Queues a cluster. @returns settles when it is written (its segment's id) or given up (null). */
  append(blocks: readonly Block[]): Promise<string | null> {
    return this.#enqueue(async ({ handle }) => {
      const bytes = await writeAll(handle, encodeCluster(blocks), this.#position);
      for (const { atMs, key } of blocks) {
        if (key) this.#cues.push({ atMs, position: this.#position });
        this.#written.lastDistanceMs = this.#written.frames === 0 ? null : atMs - this.#written.lastMs;
        this.#written.lastMs = atMs;
        this.#written.frames += 1;
      }
      this.#position += bytes;
      this.#syncNowAndThen(handle);
    });
  }

  /**
   * Completes the file with what could be written of it and gives it its final name.
   *
   * @param summarize - makes the segment's facts from what is in the file.
   * @returns null when it has no frame; it is deleted then.
   * @throws what the disk answers; the whole clusters stay in the `.part` file.
   */
  async seal(summarize: (written: WrittenExtent) => SegmentSummary): Promise<SealedFile | null> {
    await this.#queue;
    const draft = await this.#draft.catch(() => null);
    if (draft === null) return null;
    const { handle } = draft;
    let sealed: { bytes: number; sha256: string };
    try {
      await this.#syncing;
      if (this.#syncError !== null) throw this.#syncError;
      if (this.#muxer === null || this.#written.frames === 0) {
        await draft.remove();
        return null;
      }
      // A cluster that failed half way leaves a torn tail.
      if (this.#failed) await handle.truncate(this.#position);
      const cuesAt = this.#position;
      const fileBytes = cuesAt + (await writeAll(handle, [this.#muxer.cues(this.#cues)], cuesAt));
      for (const { bytes, position } of this.#muxer.seal(summarize(this.#written), cuesAt, fileBytes)) {
        await writeAll(handle, [bytes], position);
      }
      await handle.datasync();
      sealed = await readBack(handle);
    } finally {
      await handle.close();
    }
    await draft.publish();
    return { segmentId: draft.segmentId, ...sealed };
  }

  /** Closes the file as it is, when what is under way is done. */
  async abandon(): Promise<void> {
    this.#failed = true;
    await this.#queue;
    await this.#syncing;
    const draft = await this.#draft.catch(() => null);
    await draft?.handle.close();
  }

  #enqueue(write: (draft: DraftFile) => Promise<void>): Promise<string | null> {
    const done = this.#queue.then(async () => {
      if (this.#failed) return null;
      try {
        const draft = await this.#draft;
        await write(draft);
        return draft.segmentId;
      } catch (error) {
        this.#fail(error);
        return null;
      }
    });
    this.#queue = done.then(() => {});
    return done;
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onFailure(error);
  }

  /** Never waited for: an fdatasync takes up to half a second on a busy disk. */
  #syncNowAndThen(handle: FileHandle): void {
    const now = performance.now();
    if (now - this.#syncedAt < DATASYNC_EVERY_MS) return;
    this.#syncedAt = now;
    this.#syncing = this.#syncing
      .then(() => handle.datasync())
      .catch((error: unknown) => {
        // The kernel may have dropped what it could not write, and says so only once: the file is not to be trusted.
        this.#syncError ??= error;
        this.#fail(error);
      });
  }
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[], position: number): Promise<number> {
  let rest = [...parts];
  let written = 0;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, position + written);
    written += bytesWritten;
    rest = dropBytes(rest, bytesWritten);
  }
  return written;
}

/** What remains after a write that was cut short. */
function dropBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (left < part.byteLength) rest.push(part.subarray(left));
    left = Math.max(0, left - part.byteLength);
  }
  return rest;
}

/** The header changed after the clusters, so the digest is of what the disk says, not of what was sent to it. */
async function readBack(handle: FileHandle): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(READ_BACK_BYTES);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, bytes);
    if (bytesRead === 0) return { bytes, sha256: hash.digest("hex") };
    hash.update(chunk.subarray(0, bytesRead));
    bytes += bytesRead;
  }
}
