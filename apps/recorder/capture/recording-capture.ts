import type { Codec } from "#shared/api/recording.ts";
import type { GapReason } from "#shared/api/coverage.ts";
import type { CallSummary, Display } from "#shared/protocol/messages.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { CaptureEnd, CaptureOrder, ScreenTrack } from "./ports.ts";
import { type CaptureStore, RecordedTrack } from "./recorded-track.ts";

/** A live stream and where it comes from. */
export interface LiveTrack {
  /** The device's name. */
  desktop: string;
  display: Display;
  stream: ScreenTrack;
}

/** One recording while it is captured: its tracks, and the time it waits for any desktop at all. */
export class RecordingCapture {
  readonly #store: CaptureStore;
  readonly #log: Log;
  readonly #onFirstFrame: (order: CaptureOrder, writtenAt: EpochMs) => void;
  readonly #tracks = new Map<string, RecordedTrack>();
  #order: CaptureOrder;
  /** The outage `desktop-offline`, of all tracks. */
  #offlineOutage: number | null = null;
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

  /** No desktop of the agent is there: the gap lasts from `from` until the first frame. */
  awaitDesktop(from: EpochMs): void {
    if (this.#tracks.size > 0 || this.#offlineOutage !== null) return;
    const { recordingId } = this.#order;
    this.#offlineOutage = this.#store.catalogue.openOutage(recordingId, null, from, "desktop-offline");
    this.#log.warn({ from: Math.round(from) }, "desktop is offline");
  }

  attach({ desktop, display, stream }: LiveTrack): void {
    this.#trackOf(desktop, display, stream.codec).feed(stream);
  }

  detach({ desktop, display, stream }: LiveTrack, reason: GapReason, from: EpochMs): void {
    this.#tracks.get(trackKey(desktop, display, stream.codec))?.release(stream, reason, from);
  }

  /** A display that cannot be captured is a track all the same: one with nothing but a gap, until it works. */
  failDisplay(desktop: string, display: Display, codec: Codec, at: EpochMs): void {
    this.#trackOf(desktop, display, codec).beginOutage("desktop-error", at);
  }

  watch(now: EpochMs): void {
    for (const track of this.#tracks.values()) track.watch(now);
  }

  /** Takes no frame any more from now on; resolves when all files are closed. */
  async end(how: CaptureEnd): Promise<void> {
    this.#endOfflineOutage(this.#store.clock.now());
    await Promise.all([...this.#tracks.values()].map((track) => track.end(how)));
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
      this.#store,
      {
        onFrame: (arrivedAt) => this.#endOfflineOutage(arrivedAt),
        onFirstFrameWritten: (writtenAt) => this.#noteFirstFrame(writtenAt),
      },
      this.#log,
    );
    this.#tracks.set(key, track);
    return track;
  }

  #noteFirstFrame(writtenAt: EpochMs): void {
    if (this.#hasFirstFrame) return;
    this.#hasFirstFrame = true;
    const ringToFirstFrameMs = Math.round(writtenAt - this.#order.orderedAt);
    this.#log.info({ ringToFirstFrameMs }, "first frame written");
    this.#onFirstFrame(this.#order, writtenAt);
  }

  #endOfflineOutage(to: EpochMs): void {
    if (this.#offlineOutage === null) return;
    this.#store.catalogue.closeOutage(this.#offlineOutage, to);
    this.#offlineOutage = null;
  }
}

function trackKey(desktop: string, display: Display, codec: Codec): string {
  return JSON.stringify([desktop, display.id, codec]);
}
