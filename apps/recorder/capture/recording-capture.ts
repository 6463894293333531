import type { Codec } from "#shared/api/recording.ts";
import type { GapReason } from "#shared/api/coverage.ts";
import type { CallSummary, Display } from "#shared/protocol/messages.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs, SteadyMs } from "#shared/time/units.ts";
import { CatalogueNotes } from "./catalogue-notes.ts";
import type { CaptureEnd, CaptureOrder, CaptureView, ScreenTrack, ScreenView } from "./ports.ts";
import { type CaptureStore, RecordedTrack } from "./recorded-track.ts";

/** A live stream and where it comes from. */
export interface LiveTrack {
  /** The device's name. */
  desktop: string;
  display: Display;
  stream: ScreenTrack;
}

/** No track is there that could have it. */
interface CommonOutage {
  /** Null until the catalogue has it. */
  id: number | null;
  until: "frame" | "release";
  reason: GapReason;
  from: EpochMs;
}

/** One recording while it is captured: its tracks, and the time it waits for any desktop at all. */
export class RecordingCapture {
  readonly #store: CaptureStore;
  readonly #log: Log;
  readonly #onFirstFrame: (order: CaptureOrder, writtenAt: EpochMs) => void;
  readonly #notes: CatalogueNotes;
  readonly #tracks = new Map<string, RecordedTrack>();
  /** In which codec a display was sent the last time. */
  readonly #codecs = new Map<string, Codec>();
  /** Streams whose track the catalogue has refused so far. */
  readonly #unattached = new Set<LiveTrack>();
  #order: CaptureOrder;
  /** Frames are not to be written now. */
  #isPaused = false;
  /** Nothing is to be written now, and that is a gap. */
  #isHeld = false;
  /** When the last pause or hold ended; what was on the screen before is not to be written. */
  #resumedAt: SteadyMs = Number.NEGATIVE_INFINITY;
  /** An outage of all tracks, from before there is one, and what ends it. */
  #commonOutage: CommonOutage | null = null;
  #hasFirstFrame = false;

  constructor(
    order: CaptureOrder,
    store: CaptureStore,
    log: Log,
    onFirstFrame: (order: CaptureOrder, writtenAt: EpochMs) => void,
  ) {
    this.#order = order;
    this.#store = store;
    this.#log = log.child({ recordingId: order.recordingId });
    this.#notes = new CatalogueNotes(store.clock, this.#log);
    this.#onFirstFrame = onFirstFrame;
  }

  get stopNoLaterThan(): EpochMs {
    return this.#order.stopNoLaterThan;
  }

  /** The same order again, with a later limit or more attributes. */
  renew(order: CaptureOrder): void {
    this.#order = { ...order, orderedAt: this.#order.orderedAt };
  }

  /** What the tray says of the call. */
  summary(): CallSummary {
    const { recordingId, startedAt, attributes } = this.#order;
    const customer = attributes["customer"];
    const queue = attributes["queue"];
    return {
      recordingId,
      since: startedAt,
      ...(customer !== undefined && { customer }),
      ...(queue !== undefined && { queue }),
    };
  }

  /** What comes in of it now. A monitor whose codec has changed has a second track: the one that is fed counts. */
  view(now: SteadyMs): CaptureView {
    const views = [...this.#tracks.values()].map((track) => track.view(now));
    const isTheSame = (left: ScreenView, right: ScreenView) =>
      left.desktop === right.desktop && left.display === right.display;
    const screens = views.filter(
      (view) => view.hasSource || !views.some((other) => other.hasSource && isTheSame(view, other)),
    );
    const { reason, from } = this.#commonOutage ?? {};
    return { screens, gap: reason === undefined || from === undefined ? null : { reason, from } };
  }

  /** Writes no frame that comes from now on; streams that are there are let go. */
  pause(): void {
    this.#isPaused = true;
    this.#unattached.clear();
    for (const track of this.#tracks.values()) track.pause();
  }

  /** Frames may be written again; the streams that are there are to be attached again. */
  resume(at: SteadyMs): void {
    this.#isPaused = false;
    this.#resumedAt = at;
  }

  /** Writes no frame that comes from now on, as a pause, but the gap begins at `from`. */
  hold(reason: GapReason, from: EpochMs): void {
    this.#isHeld = true;
    this.#unattached.clear();
    for (const track of this.#tracks.values()) {
      track.pause();
      track.beginOutage(reason, from, "release");
    }
    if (this.#tracks.size === 0) this.#beginCommonOutage(reason, from, "release");
  }

  /** Frames may be written again; the streams that are there are to be attached again. */
  release(at: SteadyMs): void {
    this.#isHeld = false;
    this.#resumedAt = at;
    const to = this.#store.clock.wallAt(at);
    for (const track of this.#tracks.values()) track.release(to);
    if (this.#commonOutage?.until === "release") this.#endCommonOutage(to);
  }

  /**
   * No desktop of the agent is there: the gap lasts from `from` until the first frame.
   *
   * @param why - null: nothing is known.
   */
  awaitDesktop(from: EpochMs, why: "desktop-updated" | null): void {
    if (this.#isPaused || this.#isHeld) return;
    for (const track of this.#tracks.values()) track.awaitDesktop(from, why ?? "connection-lost");
    if (this.#tracks.size === 0) this.#beginCommonOutage(why ?? "desktop-offline", from, "frame");
  }

  /** Never throws: a stream whose track cannot be noted is attached once it can. */
  attach(live: LiveTrack): void {
    const { desktop, display, stream } = live;
    if (this.#isPaused || this.#isHeld) return;
    this.#unattached.add(live);
    this.#codecs.set(displayKey(desktop, display), stream.codec);
    this.#notes.add(() => {
      if (this.#unattached.has(live))
        this.#trackOf(desktop, display, stream.codec).feed(stream, this.#resumedAt);
      this.#unattached.delete(live);
    });
  }

  detach(live: LiveTrack, reason: GapReason, from: EpochMs): void {
    const { desktop, display, stream } = live;
    this.#unattached.delete(live);
    this.#tracks.get(trackKey(desktop, display, stream.codec))?.loseStream(stream, reason, from);
  }

  /**
   * A display that cannot be captured is a track all the same: one with nothing but a gap, until it works.
   *
   * @param expected - the codec that it would probably have; the one that it had, if it was captured before.
   */
  failDisplay(
    { desktop, display, reason }: { desktop: string; display: Display; reason: GapReason },
    expected: Codec,
    at: EpochMs,
  ): void {
    const codec = this.#codecs.get(displayKey(desktop, display)) ?? expected;
    this.#trackOf(desktop, display, codec).beginOutage(reason, at);
  }

  watch(now: SteadyMs): void {
    this.#notes.retry();
    for (const track of this.#tracks.values()) track.watch(now);
  }

  /**
   * Takes no frame any more from now on; resolves when all files are closed and in the catalogue. Idempotent.
   *
   * @throws DeskreelError `NOT_IN_CATALOGUE`; to be called again then.
   */
  async end(how: CaptureEnd): Promise<void> {
    this.#unattached.clear();
    this.#endCommonOutage(this.#store.clock.now());
    await Promise.all([...this.#tracks.values()].map((track) => track.end(how)));
    const refusal = this.#notes.flush();
    if (refusal === null) return;
    const { recordingId } = this.#order;
    throw new DeskreelError(
      "NOT_IN_CATALOGUE",
      `recording ${recordingId} is closed, but the catalogue does not take what is known of it`,
      refusal,
    );
  }

  #trackOf(desktop: string, display: Display, codec: Codec): RecordedTrack {
    const key = trackKey(desktop, display, codec);
    const known = this.#tracks.get(key);
    if (known) return known;
    const { recordingId } = this.#order;
    const { width, height } = display;
    const openedAt = this.#store.clock.now();
    const track = new RecordedTrack(
      { recordingId, desktop, display: display.id, codec, width, height, openedAt },
      { store: this.#store, notes: this.#notes, log: this.#log },
      {
        onFrame: (capturedAt) => this.#endCommonOutage(capturedAt),
        onFirstFrameWritten: (writtenAt) => this.#noteFirstFrame(writtenAt),
      },
    );
    this.#tracks.set(key, track);
    return track;
  }

  #noteFirstFrame(writtenAt: EpochMs): void {
    if (this.#hasFirstFrame) return;
    this.#hasFirstFrame = true;
    // What a pause or a hold has held up says nothing of how fast captures begin.
    if (this.#resumedAt > Number.NEGATIVE_INFINITY) return;
    const ringToFirstFrameMs = Math.round(writtenAt - this.#order.orderedAt);
    this.#log.info({ ringToFirstFrameMs }, "first frame written");
    this.#notes.add(() => this.#onFirstFrame(this.#order, writtenAt));
  }

  #beginCommonOutage(reason: GapReason, from: EpochMs, until: "frame" | "release"): void {
    if (this.#commonOutage !== null) return;
    const { recordingId } = this.#order;
    const outage: CommonOutage = { id: null, until, reason, from };
    this.#commonOutage = outage;
    this.#notes.add(() => {
      outage.id = this.#store.catalogue.openOutage(recordingId, null, from, reason);
    });
    this.#log.warn({ reason, from: Math.round(from) }, "outage of the whole recording began");
  }

  #endCommonOutage(to: EpochMs): void {
    const outage = this.#commonOutage;
    if (outage === null) return;
    this.#commonOutage = null;
    this.#notes.add(() => {
      if (outage.id !== null) this.#store.catalogue.closeOutage(outage.id, to);
    });
  }
}

function displayKey(desktop: string, display: Display): string {
  return JSON.stringify([desktop, display.id]);
}

function trackKey(desktop: string, display: Display, codec: Codec): string {
  return JSON.stringify([desktop, display.id, codec]);
}
