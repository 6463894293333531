import { join } from "node:path";
import type { GapReason } from "#shared/api/coverage.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { DurationMs, EpochMs, SteadyMs } from "#shared/time/units.ts";
import type { CatalogueNotes } from "./catalogue-notes.ts";
import { FrameRate } from "./frame-rate.ts";
import type {
  CaptureCatalogue,
  CaptureEnd,
  EncodedFrame,
  FrameSink,
  ScreenTrack,
  ScreenView,
  TrackFacts,
  TrackWriter,
  TrackWriterOptions,
} from "./ports.ts";

/** A live stream without an RTP packet or sender report for this long is lost; the gap is known within 3 s. */
const SILENT_AFTER_MS: DurationMs = 2_750;

/** What every recorded track needs of its surroundings. */
export interface CaptureStore {
  catalogue: CaptureCatalogue;
  createTrackWriter: (options: TrackWriterOptions) => TrackWriter;
  /** The call buffer's root folder. */
  bufferDir: string;
  segmentS: number;
  clock: SteadyClock;
}

export interface RecordedTrackEvents {
  /** A frame of this track came in. */
  onFrame(capturedAt: EpochMs): void;
  onFirstFrameWritten(writtenAt: EpochMs): void;
}

/** The live stream that a track is fed from. */
interface Source {
  stream: ScreenTrack;
  sink: FrameSink;
  since: SteadyMs;
  /** It has written one of its pictures. */
  hasPicture: boolean;
}

/**
 * An open stretch without picture, and what ends it: the next frame, the next file that takes one, or the end of what
 * keeps everybody from being recorded.
 */
interface Outage {
  /** Null until the catalogue has it. */
  id: number | null;
  until: "frame" | "file" | "release";
  reason: GapReason;
  from: EpochMs;
}

/**
 * One (desktop, monitor, codec) within one recording: feeds the frames of the current live stream into segment files
 * and keeps the book of its outages. It outlives streams: after a reconnect the next one continues the same track, in a
 * new file, because RTP timestamps start anew.
 */
export class RecordedTrack {
  readonly #facts: TrackFacts;
  readonly #store: CaptureStore;
  readonly #notes: CatalogueNotes;
  readonly #events: RecordedTrackEvents;
  readonly #log: Log;
  readonly #trackId: string;
  #source: Source | null = null;
  #writer: TrackWriter | null = null;
  #outage: Outage | null = null;
  #ended = false;
  readonly #rate = new FrameRate();
  /** Opening and sealing of this track's files, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    facts: TrackFacts,
    surroundings: { store: CaptureStore; notes: CatalogueNotes; log: Log },
    events: RecordedTrackEvents,
  ) {
    const { store, notes, log } = surroundings;
    this.#facts = facts;
    this.#store = store;
    this.#notes = notes;
    this.#events = events;
    this.#trackId = store.catalogue.openTrack(facts).trackId;
    this.#log = log.child({ trackId: this.#trackId });
  }

  /**
   * Writes this stream from its next key frame on; the one before it is let go and its file sealed.
   *
   * @param notBefore - pictures from before that time, still under way, are not to be written.
   */
  feed(stream: ScreenTrack, notBefore: SteadyMs): void {
    this.#unplug(this.#store.clock.now());
    const outgoing = this.#takeWriter();
    const { clock } = this.#store;
    const wallTimeOf = (rtpTicks: number) => clock.wallAt(stream.steadyTimeOf(rtpTicks));
    const sink: FrameSink = {
      push: (frame) => {
        if (!source.hasPicture && (!frame.key || stream.steadyTimeOf(frame.rtpTicks) < notBefore)) {
          stream.requestKeyFrame();
          return;
        }
        const capturedAt = stream.steadyTimeOf(frame.rtpTicks);
        // What is missing before its first picture is in the gap that this one ends.
        if (source.hasPicture && frame.lostFrom !== undefined)
          this.#noteLoss(wallTimeOf(frame.lostFrom), clock.wallAt(capturedAt));
        source.hasPicture = true;
        this.#take(frame, clock.wallAt(Math.min(capturedAt, frame.arrivedAt)));
      },
    };
    const source: Source = { stream, sink, since: clock.steady(), hasPicture: false };
    this.#source = source;
    this.#enqueue(async () => {
      await outgoing?.seal();
      if (this.#ended || this.#source !== source) return;
      this.#writer = this.#openWriter(stream);
      stream.addSink(sink);
    });
  }

  /** The stream is gone: the file is sealed, the outage begins `from`. Without effect for a stream that is not fed. */
  loseStream(stream: ScreenTrack, reason: GapReason, from: EpochMs): void {
    if (this.#source?.stream !== stream) return;
    this.#letGo(from);
    this.beginOutage(reason, from, "frame");
  }

  /** Takes no frame any more until it is fed again; what was taken is sealed. A stretch without picture is not noted. */
  pause(): void {
    this.#letGo(this.#store.clock.now());
  }

  #letGo(at: EpochMs): void {
    this.#unplug(at);
    const outgoing = this.#takeWriter();
    this.#enqueue(async () => {
      await outgoing?.seal();
    });
  }

  /** Ends the stretch without picture that lasts until then; it takes frames once it is fed again. */
  release(at: EpochMs): void {
    if (this.#outage?.until === "release") this.#endOutage(at);
  }

  /** No desktop is there that could feed it; without effect while a stream does. */
  awaitDesktop(from: EpochMs, reason: GapReason): void {
    if (this.#source === null) this.beginOutage(reason, from);
  }

  /** Notes a stretch without picture; the one that is already open goes on instead. */
  beginOutage(reason: GapReason, from: EpochMs, until: Outage["until"] = "frame"): void {
    if (this.#outage !== null || this.#ended) return;
    const outage: Outage = { id: null, until, reason, from };
    this.#outage = outage;
    this.#notes.add(() => {
      const { recordingId } = this.#facts;
      outage.id = this.#store.catalogue.openOutage(recordingId, this.#trackId, from, reason);
    });
    this.#log.warn({ reason, from: Math.round(from) }, "outage began");
  }

  /** What comes in of it now. */
  view(now: SteadyMs): ScreenView {
    const { desktop, display, codec, width, height } = this.#facts;
    const { reason, from } = this.#outage ?? {};
    return {
      ...{ desktop, display, codec, width, height },
      hasSource: this.#source !== null,
      hasPicture: this.#source?.hasPicture === true,
      gap: reason === undefined || from === undefined ? null : { reason, from },
      ...this.#rate.read(now),
    };
  }

  /** Finds out whether the stream has fallen silent, and asks for a picture when it is back without one. */
  watch(now: SteadyMs): void {
    if (this.#source === null) return;
    const { stream, since } = this.#source;
    const lastSignAt = Math.max(stream.lastSignAt, since);
    const isSilent = now - lastSignAt > SILENT_AFTER_MS;
    if (isSilent) this.beginOutage("connection-lost", this.#store.clock.wallAt(lastSignAt));
    else if (this.#outage?.until === "frame" && stream.lastSignAt > since) stream.requestKeyFrame();
  }

  /** Takes no frame any more from now on; resolves when its files are closed. Never rejects: faults are logged. */
  async end(how: CaptureEnd): Promise<void> {
    if (!this.#ended) {
      const now = this.#store.clock.now();
      this.#unplug(now);
      this.#endOutage(now);
      this.#ended = true;
      const last = this.#takeWriter();
      this.#enqueue(async () => {
        await (how === "seal" ? last?.seal() : last?.abandon());
      });
    }
    await this.#turn;
  }

  #take(frame: EncodedFrame, capturedAt: EpochMs): void {
    if (this.#outage?.until === "frame") this.#endOutage(capturedAt);
    this.#events.onFrame(capturedAt);
    this.#rate.add(frame.data.byteLength, frame.arrivedAt);
    this.#writer?.push(frame);
  }

  /** @param at - where the time of this stream ends, and with it a loss that no key frame has ended. */
  #unplug(at: EpochMs): void {
    if (this.#source === null) return;
    const { stream, sink, hasPicture } = this.#source;
    this.#source = null;
    stream.removeSink(sink);
    if (!hasPicture || stream.missingFrom === null) return;
    this.#noteLoss(this.#store.clock.wallAt(stream.steadyTimeOf(stream.missingFrom)), at);
  }

  #noteLoss(from: EpochMs, to: EpochMs): void {
    if (from >= to) return;
    this.#log.warn({ from: Math.round(from), lostMs: Math.round(to - from) }, "pictures are missing");
    this.#noteAbsence(from, to, "loss");
  }

  /** Notes a stretch without picture that is over. */
  #noteAbsence(from: EpochMs, to: EpochMs, reason: GapReason): void {
    let id = 0;
    this.#notes.add(() => {
      id = this.#store.catalogue.openOutage(this.#facts.recordingId, this.#trackId, from, reason);
    });
    this.#notes.add(() => this.#store.catalogue.closeOutage(id, to));
  }

  #takeWriter(): TrackWriter | null {
    const writer = this.#writer;
    this.#writer = null;
    return writer;
  }

  #openWriter(stream: ScreenTrack): TrackWriter {
    const { catalogue, createTrackWriter, bufferDir, segmentS, clock } = this.#store;
    const { recordingId, codec } = this.#facts;
    const { trackId, nextSegment, previousSha256 } = catalogue.openTrack(this.#facts);
    return createTrackWriter({
      folder: join(bufferDir, recordingId, trackId),
      recordingId,
      trackId,
      codec,
      firstSegment: nextSegment,
      previousSha256,
      segmentS,
      wallTimeOf: (rtpTicks) => clock.wallAt(stream.steadyTimeOf(rtpTicks)),
      clockSource: () => stream.clockSource,
      requestKeyFrame: () => stream.requestKeyFrame(),
      onSegment: (segment) => this.#notes.add(() => catalogue.addSegment(recordingId, trackId, segment)),
      onFramesLost: (from, to, reason) => this.#noteAbsence(from, to, reason),
      onFirstFrameWritten: (_segmentId, writtenAt) => {
        const at = clock.wallAt(writtenAt);
        if (this.#outage?.until === "file") this.#endOutage(at);
        this.#events.onFirstFrameWritten(at);
      },
      onFault: (error, reason) => {
        this.#log.error({ err: error, reason }, "segment could not be written");
        this.beginOutage(reason, this.#store.clock.now(), "file");
      },
    });
  }

  #endOutage(to: EpochMs): void {
    const outage = this.#outage;
    if (outage === null) return;
    this.#outage = null;
    this.#notes.add(() => {
      if (outage.id !== null) this.#store.catalogue.closeOutage(outage.id, to);
    });
    this.#log.info({ to: Math.round(to) }, "outage ended");
  }

  #enqueue(job: () => Promise<void>): void {
    this.#turn = this.#turn
      .then(job)
      .catch((error: unknown) => this.#log.error({ err: error }, "track could not be closed or continued"));
  }
}
