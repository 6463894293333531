import { randomBytes } from "node:crypto";
import type { GapReason } from "#shared/api/coverage.ts";
import { DeskreelError, describeError, isSystemError } from "#shared/runtime/errors.ts";
import { type DurationMs, type EpochMs, type SteadyMs, VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { EncodedFrame, TrackWriter, TrackWriterOptions } from "../capture/ports.ts";
import { ByteBudget } from "./byte-budget.ts";
import { ClusterBuffer, WRITE_AFTER_MS } from "./cluster-buffer.ts";
import { decideCut, lastFrameDuration, MAX_GAP_MS, type SegmentExtent } from "./segment-cut.ts";
import { SegmentFile, type WrittenExtent } from "./segment-file.ts";
import type { SegmentDisk } from "./segment-disk.ts";
import { SegmentFolder } from "./segment-folder.ts";
import { type Block, type SegmentPlace, WebmMuxer } from "./webm-muxer.ts";

/** Frames of one track that wait for a slow disk; the disk has a limit for all. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** The start in the header of an open segment is written again when it is known better by so much. */
const PLACE_AGAIN_MS: DurationMs = 20;
/** A disk that refused is not tried again before. */
const RETRY_AFTER_FAULT_MS: DurationMs = 5_000;

/** The segment that takes frames. */
interface OpenSegment extends SegmentExtent {
  file: SegmentFile;
  cluster: ClusterBuffer;
  lastMs: DurationMs;
  frames: number;
  /** Why what is not in the file is missing. */
  fault: GapReason;
  /** As its header says. */
  place: SegmentPlace;
}

/**
 * Makes the writer of one track of one recording; see {@link TrackWriter}.
 *
 * A segment's duration ends where the next one begins; when nothing follows directly its last picture is taken to last as
 * long as the one before it, at most 1 s.
 */
export function createTrackWriter(options: TrackWriterOptions, disk: SegmentDisk): TrackWriter {
  return new ScnTrackWriter(options, disk);
}

class ScnTrackWriter implements TrackWriter {
  readonly #options: TrackWriterOptions;
  readonly #disk: SegmentDisk;
  readonly #folder: SegmentFolder;
  #open: OpenSegment | null = null;
  #state: "writing" | "sealing" | "abandoned" = "writing";
  #previousSha256: string | null;
  /** Segments are sealed and reported one after the other, while the next one is already written. */
  #sealed: Promise<void> = Promise.resolve();
  readonly #waiting = new ByteBudget(MOST_WAITING_BYTES);
  /** Frames are dropped until the disk has caught up. */
  #isCongested = false;
  #lastArrivedAt: SteadyMs = Number.NEGATIVE_INFINITY;
  #notBefore: SteadyMs = Number.NEGATIVE_INFINITY;
  #askedForKey = false;
  #clusterTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  /** A still screen may send nothing unless it is asked to. */
  #hasAskedInSilence = false;

  constructor(options: TrackWriterOptions, disk: SegmentDisk) {
    this.#options = options;
    this.#disk = disk;
    this.#folder = new SegmentFolder(options.folder, options.firstSegment, disk.openFile);
    this.#previousSha256 = options.previousSha256;
  }

  push(frame: EncodedFrame): void {
    if (this.#state !== "writing") return;
    // Also when it is dropped: whoever sent it takes the wish as fulfilled.
    if (frame.key) this.#askedForKey = false;
    this.#lastArrivedAt = frame.arrivedAt;
    if (!this.#hasRoom(frame)) return;
    if (this.#open !== null) this.#endBefore(this.#open, frame);
    const segment = this.#open ?? this.#begin(frame);
    if (segment !== null) this.#add(segment, frame);
  }

  async seal(): Promise<void> {
    if (this.#state === "writing") {
      this.#state = "sealing";
      this.#finish(null);
    }
    await this.#sealed;
  }

  async abandon(): Promise<void> {
    this.#state = "abandoned";
    this.#finish(null);
    await this.#sealed;
  }

  /** Whether the frame can be taken at all; drops it when the disk is too far behind or refused a moment ago. */
  #hasRoom(frame: EncodedFrame): boolean {
    const budgets = [this.#waiting, this.#disk.waiting];
    const exceeded = budgets.find((budget) => budget.isExceededBy(frame.data.byteLength));
    if (exceeded !== undefined) {
      if (!this.#isCongested) this.#beginCongestion(exceeded);
      return false;
    }
    if (this.#isCongested && budgets.every((budget) => budget.isRelaxed)) this.#isCongested = false;
    return !this.#isCongested && frame.arrivedAt >= this.#notBefore;
  }

  #beginCongestion({ used, most }: ByteBudget): void {
    this.#isCongested = true;
    this.#finish(null);
    this.#options.onFault(
      new DeskreelError(
        "DISK_TOO_SLOW",
        `${this.#options.folder}: ${used} bytes wait for the disk, at most ${most} may; frames are dropped until it has caught up`,
      ),
      "loss",
    );
  }

  /** Ends the open segment if the frame does not belong to it. */
  #endBefore(segment: OpenSegment, frame: EncodedFrame): void {
    const { segmentS } = this.#options;
    const decision = decideCut(segment, frame, segmentS * 1_000, this.#strayOf(segment, frame));
    switch (decision) {
      case "go-on":
        return;
      case "ask":
        this.#askForKey();
        return;
      case "cut":
        this.#finish(frame.rtpTicks);
        return;
      case "gap":
        this.#finish(null);
        return;
      case "no-key-frame":
        this.#finish(frame.rtpTicks);
        this.#options.onFault(
          new DeskreelError(
            "NO_KEY_FRAME",
            `${this.#options.folder}: no key frame came within 30 s after a segment of ${this.#options.segmentS} s was full; recording goes on with the next one`,
          ),
          "no-key-frame",
        );
        return;
    }
  }

  /** How much later than its place in the file the frame was captured, ms; negative when earlier. */
  #strayOf({ firstTicks }: OpenSegment, { rtpTicks }: EncodedFrame): DurationMs {
    const { wallTimeOf } = this.#options;
    return wallTimeOf(rtpTicks) - wallTimeOf(firstTicks) - (rtpTicks - firstTicks) / VIDEO_TICKS_PER_MS;
  }

  /** Begins a segment if the frame can begin one. */
  #begin(frame: EncodedFrame): OpenSegment | null {
    const { key, width, height, rtpTicks } = frame;
    if (!key || width === undefined || height === undefined) {
      this.#askForKey();
      return null;
    }
    const { recordingId, trackId, codec } = this.#options;
    const place = this.#placeOf(rtpTicks);
    const codecPrivate = frame.codecPrivate ?? null;
    const identity = { recordingId, trackId, codec, width, height, codecPrivate, ...place };
    const file = new SegmentFile(
      this.#folder.create(),
      (segmentId) => new WebmMuxer({ ...identity, segmentId, uuid: randomBytes(16) }),
      this.#disk.flushes,
      (error) => this.#onDiskFault(segment, error),
    );
    const segment: OpenSegment = {
      file,
      cluster: new ClusterBuffer(),
      firstTicks: rtpTicks,
      lastTicks: rtpTicks,
      lastMs: -1,
      frames: 0,
      sinceKey: 0,
      width,
      height,
      fault: "loss",
      place,
    };
    this.#open = segment;
    return segment;
  }

  #add(segment: OpenSegment, frame: EncodedFrame): void {
    // Players want each frame later than the one before.
    const atMs = Math.max(
      segment.lastMs + 1,
      Math.round((frame.rtpTicks - segment.firstTicks) / VIDEO_TICKS_PER_MS),
    );
    const block: Block = { data: frame.data, key: frame.key, atMs };
    if (!segment.cluster.fits(block)) void this.#flush(segment);
    segment.cluster.add(block);
    segment.lastTicks = Math.max(segment.lastTicks, frame.rtpTicks);
    segment.lastMs = atMs;
    segment.frames += 1;
    segment.sinceKey = frame.key ? 1 : segment.sinceKey + 1;
    this.#waiting.take(frame.data.byteLength);
    this.#disk.waiting.take(frame.data.byteLength);
    this.#watchSilence();
    if (segment.frames === 1) this.#writeFirst(segment, frame);
    else this.#clusterTimer ??= setTimeout(() => void this.#flush(segment), WRITE_AFTER_MS);
  }

  /** The first frame does not wait for its cluster to fill: from here on the recording is known to run. */
  #writeFirst(segment: OpenSegment, frame: EncodedFrame): void {
    const pushedAt = performance.now();
    void this.#flush(segment).then((segmentId) => {
      if (segmentId === null || this.#state === "abandoned") return;
      // The steady clock, which only the frame carries here, moved on by the time since.
      this.#options.onFirstFrameWritten(segmentId, frame.arrivedAt + (performance.now() - pushedAt));
    });
  }

  async #flush(segment: OpenSegment): Promise<string | null> {
    clearTimeout(this.#clusterTimer);
    this.#clusterTimer = undefined;
    const blocks = segment.cluster.take();
    if (blocks.length === 0) return null;
    const appended = segment.file.append(blocks);
    this.#placeAgain(segment);
    const segmentId = await appended;
    const bytes = blocks.reduce((sum, block) => sum + block.data.byteLength, 0);
    this.#waiting.give(bytes);
    this.#disk.waiting.give(bytes);
    return segmentId;
  }

  /** The sender's clock becomes better known while a segment is written. */
  #placeAgain(segment: OpenSegment): void {
    const place = this.#placeOf(segment.firstTicks);
    const isKnown = Math.abs(place.startedAt - segment.place.startedAt) < PLACE_AGAIN_MS;
    if (isKnown && place.clockSource === segment.place.clockSource) return;
    segment.place = place;
    segment.file.place(place);
  }

  #placeOf(rtpTicks: number): SegmentPlace {
    const { wallTimeOf, clockSource } = this.#options;
    return { startedAt: Math.round(wallTimeOf(rtpTicks)), clockSource: clockSource?.() ?? "unknown" };
  }

  /** @param endTicks - where the frame begins that follows directly; null when none does. */
  #finish(endTicks: number | null): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = undefined;
    const segment = this.#open;
    if (segment === null) return;
    this.#open = null;
    this.#askedForKey = false;
    void this.#flush(segment);
    const { startedAt } = this.#placeOf(segment.firstTicks);
    this.#sealed = this.#sealed
      .then(() => segment.file.written())
      .then(() => this.#disk.seals.run(() => this.#sealAndReport(segment, startedAt, endTicks)));
  }

  async #sealAndReport(segment: OpenSegment, startedAt: EpochMs, endTicks: number | null): Promise<void> {
    const { file, frames, width, height, firstTicks } = segment;
    if (this.#state === "abandoned") return file.abandon();
    let written: WrittenExtent = { frames: 0, lastMs: 0, lastDistanceMs: null };
    let durationMs = 0;
    // What there is of it if nothing of it can be kept.
    const takenMs =
      endTicks === null
        ? segment.lastMs + lastFrameDuration(null)
        : Math.max(segment.lastMs, Math.round((endTicks - firstTicks) / VIDEO_TICKS_PER_MS));
    const tellLost = (keptMs: DurationMs, reason: GapReason) => {
      if (keptMs < takenMs && !this.#isAbandoned())
        this.#options.onFramesLost(startedAt + keptMs, startedAt + takenMs, reason);
    };
    try {
      const sealed = await file.seal((extent) => {
        written = extent;
        const isWhole = written.frames === frames;
        durationMs =
          isWhole && endTicks !== null
            ? Math.max(written.lastMs, Math.round((endTicks - firstTicks) / VIDEO_TICKS_PER_MS))
            : written.lastMs + lastFrameDuration(written.lastDistanceMs);
        return { ...this.#placeOf(firstTicks), startedAt, durationMs };
      });
      if (sealed === null) tellLost(0, segment.fault);
      if (sealed === null || this.#isAbandoned()) return;
      this.#options.onSegment({
        id: sealed.segmentId,
        startedAt,
        durationMs,
        frames: written.frames,
        bytes: sealed.bytes,
        width,
        height,
        sha256: sealed.sha256,
        previousSha256: this.#previousSha256,
      });
      this.#previousSha256 = sealed.sha256;
      if (written.frames < frames) tellLost(durationMs, segment.fault);
    } catch (error) {
      tellLost(0, this.#report(error));
    }
  }

  /** The state may change while a file is sealed. */
  #isAbandoned(): boolean {
    return this.#state === "abandoned";
  }

  #onDiskFault(segment: OpenSegment, error: unknown): void {
    segment.fault = this.#report(error);
    this.#notBefore = this.#lastArrivedAt + RETRY_AFTER_FAULT_MS;
    if (this.#open === segment) this.#finish(null);
  }

  #report(error: unknown): GapReason {
    const isFull = isSystemError(error, "ENOSPC") || isSystemError(error, "EDQUOT");
    const reason: GapReason = isFull ? "disk-full" : "loss";
    if (this.#state === "abandoned") return reason;
    this.#options.onFault(
      new DeskreelError(
        "SEGMENT_NOT_WRITTEN",
        `${this.#options.folder}: a segment could not be kept whole (${describeError(error)}); recording goes on with the next key frame`,
        { cause: error },
      ),
      reason,
    );
    return reason;
  }

  #askForKey(): void {
    if (this.#askedForKey) return;
    this.#askedForKey = true;
    this.#options.requestKeyFrame();
  }

  /** To be called at each frame: asks for a key frame after half of the time that a segment may stay without one, ends it then. */
  #watchSilence(): void {
    this.#hasAskedInSilence = false;
    // Frames come by the thousand; a timer is not made anew for each.
    if (this.#silenceTimer !== undefined) {
      this.#silenceTimer.refresh();
      return;
    }
    const timer = setTimeout(() => {
      if (this.#hasAskedInSilence) return this.#finish(null);
      this.#hasAskedInSilence = true;
      this.#options.requestKeyFrame();
      timer.refresh();
    }, MAX_GAP_MS / 2);
    this.#silenceTimer = timer;
  }
}
