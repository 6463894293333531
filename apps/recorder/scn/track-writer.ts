import { randomBytes } from "node:crypto";
import type { GapReason } from "#shared/api/coverage.ts";
import { DeskreelError, describeError, isSystemError } from "#shared/runtime/errors.ts";
import { type DurationMs, type EpochMs, VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { EncodedFrame, TrackWriter, TrackWriterOptions } from "../capture/ports.ts";
import { ClusterBuffer, MAX_CLUSTER_MS } from "./cluster-buffer.ts";
import { decideCut, lastFrameDuration, MAX_GAP_MS, type SegmentExtent } from "./segment-cut.ts";
import { SegmentFile, type WrittenExtent } from "./segment-file.ts";
import { type OpenFile, SegmentFolder } from "./segment-folder.ts";
import { type Block, WebmMuxer } from "./webm-muxer.ts";

/** Frames that wait for a slow disk; above it they are dropped, so that memory stays bounded. */
const MAX_IN_FLIGHT_BYTES = 16 * 1024 * 1024;
/** A disk that refused is not tried again before. */
const RETRY_AFTER_FAULT_MS: DurationMs = 5_000;
/** When nothing has come for so long, a key frame is asked for: a still screen may send nothing else. */
const ASK_AFTER_SILENCE_MS: DurationMs = MAX_GAP_MS / 2;

/** The segment that takes frames. */
interface OpenSegment extends SegmentExtent {
  file: SegmentFile;
  cluster: ClusterBuffer;
  lastMs: DurationMs;
  frames: number;
  /** Why what is not in the file is missing. */
  fault: GapReason;
}

/**
 * Makes the writer of one track of one recording; see {@link TrackWriter}. `openFile` is the disk, for tests.
 *
 * A segment's duration ends where the next one begins; when nothing follows directly its last picture is taken to last as
 * long as the one before it, at most 1 s.
 */
export function createTrackWriter(options: TrackWriterOptions, openFile?: OpenFile): TrackWriter {
  return new ScnTrackWriter(options, openFile);
}

class ScnTrackWriter implements TrackWriter {
  readonly #options: TrackWriterOptions;
  readonly #folder: SegmentFolder;
  #open: OpenSegment | null = null;
  #state: "writing" | "sealing" | "abandoned" = "writing";
  #previousSha256: string | null;
  /** Segments are sealed and reported one after the other, while the next one is already written. */
  #sealed: Promise<void> = Promise.resolve();
  #inFlightBytes = 0;
  /** Frames are dropped until the disk has caught up. */
  #isCongested = false;
  #lastArrivedAt: EpochMs = Number.NEGATIVE_INFINITY;
  #notBefore: EpochMs = Number.NEGATIVE_INFINITY;
  #askedForKey = false;
  #clusterTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;

  constructor(options: TrackWriterOptions, openFile?: OpenFile) {
    this.#options = options;
    this.#folder = new SegmentFolder(options.folder, options.firstSegment, openFile);
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
    if (this.#inFlightBytes + frame.data.byteLength > MAX_IN_FLIGHT_BYTES && !this.#isCongested) {
      this.#isCongested = true;
      this.#finish(null);
      this.#options.onFault(
        new DeskreelError(
          "DISK_TOO_SLOW",
          `${this.#options.folder}: ${this.#inFlightBytes} bytes wait for the disk, at most ${MAX_IN_FLIGHT_BYTES} may; frames are dropped until it has caught up`,
        ),
        "loss",
      );
    }
    if (this.#isCongested && this.#inFlightBytes < MAX_IN_FLIGHT_BYTES / 2) this.#isCongested = false;
    return !this.#isCongested && frame.arrivedAt >= this.#notBefore;
  }

  /** Ends the open segment if the frame does not belong to it. */
  #endBefore(segment: OpenSegment, frame: EncodedFrame): void {
    const decision = decideCut(segment, frame, this.#options.segmentS * 1_000);
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

  /** Begins a segment if the frame can begin one. */
  #begin(frame: EncodedFrame): OpenSegment | null {
    const { key, width, height, rtpTicks } = frame;
    if (!key || width === undefined || height === undefined) {
      this.#askForKey();
      return null;
    }
    const { recordingId, trackId, codec } = this.#options;
    const makeMuxer = (segmentId: string) =>
      new WebmMuxer({ recordingId, trackId, segmentId, codec, width, height, uuid: randomBytes(16) });
    const file = new SegmentFile(this.#folder.create(), makeMuxer, (error) =>
      this.#onDiskFault(segment, error),
    );
    const segment: OpenSegment = {
      file,
      cluster: new ClusterBuffer(),
      firstTicks: rtpTicks,
      lastTicks: rtpTicks,
      lastMs: -1,
      frames: 0,
      width,
      height,
      fault: "loss",
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
    this.#inFlightBytes += frame.data.byteLength;
    this.#watchSilence(segment);
    if (segment.frames === 1) this.#writeFirst(segment, frame);
    else this.#clusterTimer ??= setTimeout(() => void this.#flush(segment), MAX_CLUSTER_MS);
  }

  /** The first frame does not wait for its cluster to fill: from here on the recording is known to run. */
  #writeFirst(segment: OpenSegment, frame: EncodedFrame): void {
    const pushedAt = performance.now();
    void this.#flush(segment).then((segmentId) => {
      if (segmentId === null || this.#state === "abandoned") return;
      // The recorder's clock, which only the frame carries here, moved on by the time since.
      this.#options.onFirstFrameWritten(segmentId, frame.arrivedAt + (performance.now() - pushedAt));
    });
  }

  async #flush(segment: OpenSegment): Promise<string | null> {
    clearTimeout(this.#clusterTimer);
    this.#clusterTimer = undefined;
    const blocks = segment.cluster.take();
    if (blocks.length === 0) return null;
    const segmentId = await segment.file.append(blocks);
    this.#inFlightBytes -= blocks.reduce((sum, block) => sum + block.data.byteLength, 0);
    return segmentId;
  }

  /** @param endTicks - where the frame begins that follows directly; null when none does. */
  #finish(endTicks: number | null): void {
    clearTimeout(this.#silenceTimer);
    const segment = this.#open;
    if (segment === null) return;
    this.#open = null;
    this.#askedForKey = false;
    void this.#flush(segment);
    const startedAt = Math.round(this.#options.wallTimeOf(segment.firstTicks));
    this.#sealed = this.#sealed.then(() => this.#sealAndReport(segment, startedAt, endTicks));
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
        return { startedAt, durationMs, clockSource: this.#options.clockSource?.() ?? "unknown" };
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

  #watchSilence(segment: OpenSegment): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      this.#options.requestKeyFrame();
      this.#silenceTimer = setTimeout(() => {
        if (this.#open === segment) this.#finish(null);
      }, MAX_GAP_MS - ASK_AFTER_SILENCE_MS);
    }, ASK_AFTER_SILENCE_MS);
  }
}
