import type { DurationMs } from "#shared/time/units.ts";
import { readBack, writeAll } from "./file-bytes.ts";
import type { Flushable, FlushTurns } from "./flush-turns.ts";
import type { DraftFile } from "./segment-folder.ts";
import {
  type Block,
  type CuePoint,
  encodeCluster,
  type SegmentPlace,
  type SegmentSummary,
  type WebmMuxer,
} from "./webm-muxer.ts";

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
export class SegmentFile implements Flushable {
  readonly #draft: Promise<DraftFile>;
  readonly #makeMuxer: (segmentId: string) => WebmMuxer;
  readonly #flushes: FlushTurns;
  readonly #onFailure: (error: unknown) => void;
  #muxer: WebmMuxer | null = null;
  #queue: Promise<void>;
  #failed = false;
  /** Where the next cluster goes; everything before it is whole. */
  #position = 0;
  readonly #cues: CuePoint[] = [];
  readonly #written: WrittenExtent = { frames: 0, lastMs: 0, lastDistanceMs: null };
  #flushing: Promise<void> = Promise.resolve();
  #flushError: unknown = null;
  #isNameKept = false;

  constructor(
    draft: Promise<DraftFile>,
    makeMuxer: (segmentId: string) => WebmMuxer,
    flushes: FlushTurns,
    onFailure: (error: unknown) => void,
  ) {
    this.#draft = draft;
    this.#makeMuxer = makeMuxer;
    this.#flushes = flushes;
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
      const bytes = await writeAll(handle, [encodeCluster(blocks)], this.#position);
      for (const { atMs, key } of blocks) {
        if (key) this.#cues.push({ atMs, position: this.#position });
        this.#written.lastDistanceMs = this.#written.frames === 0 ? null : atMs - this.#written.lastMs;
        this.#written.lastMs = atMs;
        this.#written.frames += 1;
      }
      this.#position += bytes;
      this.#flushes.want(this);
    });
  }

  /** Resolves when all that was queued is written or given up. */
  written(): Promise<void> {
    return this.#queue;
  }

  /** Queues another start and clock source for the header of the open file: what a crash leaves keeps its place. */
  place(place: SegmentPlace): void {
    void this.#enqueue(async ({ handle }) => {
      for (const { bytes, position } of this.#muxer?.place(place) ?? []) {
        await writeAll(handle, [bytes], position);
      }
    });
  }

  /** Brings what is written onto the disk itself. */
  async flush(): Promise<void> {
    const draft = await this.#draft.catch(() => null);
    if (draft === null || this.#failed) return;
    this.#flushing = this.#flushDraft(draft).catch((error: unknown) => {
      // The kernel may have dropped what it could not write, and says so only once: the file is not to be trusted.
      this.#flushError ??= error;
      this.#fail(error);
    });
    await this.#flushing;
  }

  async #flushDraft(draft: DraftFile): Promise<void> {
    await draft.handle.datasync();
    if (this.#isNameKept) return;
    await draft.keepName();
    this.#isNameKept = true;
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
    this.#flushes.forget(this);
    const draft = await this.#draft.catch(() => null);
    if (draft === null) return null;
    const { handle } = draft;
    let sealed: { bytes: number; sha256: string };
    try {
      await this.#flushing;
      if (this.#flushError !== null) throw this.#flushError;
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
    this.#flushes.forget(this);
    await this.#flushing;
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
}
