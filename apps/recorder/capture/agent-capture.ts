import type { GapReason } from "#shared/api/coverage.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { CapturePolicy } from "#shared/protocol/messages.ts";
import type { DurationMs, EpochMs, SteadyMs } from "#shared/time/units.ts";
import type { CaptureCommand, DesktopIdentity } from "./desktop-link.ts";
import { DesktopSession } from "./desktop-session.ts";
import type { CaptureEnd, CaptureOrder, CaptureView, DesktopView, MediaServer } from "./ports.ts";
import type { CaptureStore } from "./recorded-track.ts";
import { RecordingCapture } from "./recording-capture.ts";

/**
 * A desktop captures on for this long without hearing from the recorder: a short absence loses nothing, a dead recorder
 * leaves no screen running.
 */
export const CAPTURE_LEASE_MS: DurationMs = 60_000;

/** After a restart of the recorder a desktop that was there is back within this long; while recording it tries every 2 s. */
const RETURN_WITHIN_MS: DurationMs = 5_000;

export interface AgentCaptureOptions {
  store: CaptureStore;
  media: MediaServer;
  /** The one that holds now. */
  policy: () => CapturePolicy;
  log: Log;
  /** When this recorder started. */
  startedAt: SteadyMs;
  onFirstFrame: (order: CaptureOrder, writtenAt: EpochMs) => void;
}

/**
 * One agent: the recordings that are open and the desktops that there are. One capture per monitor runs while any
 * recording is open; every recording gets every stream.
 */
export class AgentCapture {
  readonly agent: string;
  readonly #options: AgentCaptureOptions;
  readonly #log: Log;
  readonly #recordings = new Map<string, RecordingCapture>();
  /** Stopped, but not in the catalogue to the end yet. */
  readonly #ending = new Map<string, RecordingCapture>();
  readonly #desktops = new Map<string, DesktopSession>();
  #pausedAt: EpochMs | null = null;
  #held: { reason: GapReason; since: EpochMs } | null = null;

  constructor(agent: string, options: AgentCaptureOptions) {
    this.agent = agent;
    this.#options = options;
    this.#log = options.log.child({ agent });
  }

  start(order: CaptureOrder): void {
    const known = this.#recordings.get(order.recordingId);
    if (known) known.renew(order);
    else this.#open(order);
    for (const desktop of this.#desktops.values()) void desktop.command(this.command());
  }

  /** Null when the recording is not open here. */
  end(recordingId: string, how: CaptureEnd): Promise<void> | null {
    const recording = this.#recordings.get(recordingId) ?? this.#ending.get(recordingId);
    if (!recording) return null;
    const isFirst = this.#recordings.delete(recordingId);
    this.#ending.set(recordingId, recording);
    const ended = recording.end(how).then(() => {
      this.#ending.delete(recordingId);
    });
    if (isFirst) {
      this.#log.info({ recordingId, how, open: this.#recordings.size }, "capture ends");
      for (const desktop of this.#desktops.values()) void desktop.command(this.command());
    }
    return ended;
  }

  /** Tells its desktops of a policy that has changed. */
  policyChanged(): void {
    for (const desktop of this.#desktops.values()) void desktop.setPolicy(this.#options.policy());
  }

  /** From now on no frame is written, of any recording that is open or opens; desktops stop capturing. Idempotent. */
  pause(): void {
    if (this.#pausedAt !== null) return;
    this.#pausedAt = this.#options.store.clock.now();
    for (const recording of this.#recordings.values()) recording.pause();
    this.#log.info({ open: this.#recordings.size }, "capture paused");
    this.#tellDesktops();
  }

  /** Ends the pause. Idempotent. */
  resume(): void {
    if (this.#pausedAt === null) return;
    this.#pausedAt = null;
    const now = this.#options.store.clock.steady();
    for (const recording of this.#recordings.values()) recording.resume(now);
    this.#log.info({ open: this.#recordings.size }, "capture resumed");
    this.#goOn();
  }

  /** As a pause, but the time until the release is a gap for this reason. Idempotent. */
  hold(reason: GapReason): void {
    if (this.#held !== null) return;
    this.#held = { reason, since: this.#options.store.clock.now() };
    for (const recording of this.#recordings.values()) recording.hold(reason, this.#held.since);
    this.#tellDesktops();
  }

  /** Ends the hold. Idempotent. */
  release(): void {
    if (this.#held === null) return;
    this.#held = null;
    const now = this.#options.store.clock.steady();
    for (const recording of this.#recordings.values()) recording.release(now);
    this.#goOn();
  }

  /** What desktops are to do now; null = nothing is to be captured. */
  command(): CaptureCommand | null {
    const stopNoLaterThan = this.stopNoLaterThan();
    if (stopNoLaterThan === null) return null;
    const calls = [...this.#recordings.values()].map((recording) => recording.summary());
    return { calls, paused: this.#stoppedAt !== null, stopNoLaterThan };
  }

  /** The lease that a heartbeat gives; null without a recording. */
  stopNoLaterThan(): EpochMs | null {
    if (this.#recordings.size === 0) return null;
    const limits = [...this.#recordings.values()].map((recording) => recording.stopNoLaterThan);
    return Math.min(this.#options.store.clock.now() + CAPTURE_LEASE_MS, Math.max(...limits));
  }

  /** The session of a desktop, made at its first connection. */
  desktop(identity: DesktopIdentity): DesktopSession {
    const key = JSON.stringify([identity.device.toLowerCase(), identity.osUser.toLowerCase()]);
    const known = this.#desktops.get(key);
    if (known) {
      known.introduce(identity);
      return known;
    }
    const { media, store, policy } = this.#options;
    const desktop = new DesktopSession(
      identity,
      this.#trackNameOf(identity),
      media,
      store.clock,
      {
        isWanted: () => this.#recordings.size > 0,
        trackAdded: (track) => {
          for (const recording of this.#recordings.values()) recording.attach(track);
        },
        trackRemoved: (track, reason, from) => {
          for (const recording of this.#recordings.values()) recording.detach(track, reason, from);
          this.#noteAbsence();
        },
        displayFailed: (device, display, reason) => {
          const codec = policy().codecs[0] ?? "vp9";
          for (const recording of this.#recordings.values())
            recording.failDisplay({ desktop: device, display, reason }, codec, store.clock.now());
        },
      },
      this.#log,
    );
    this.#desktops.set(key, desktop);
    return desktop;
  }

  /**
   * Lets go of the desktops that are somebody else's: their tracks end here and now, and their connections, so that they
   * come back as whose they are.
   */
  async releaseExcept(isOwn: (identity: DesktopIdentity) => boolean): Promise<void> {
    const released = [...this.#desktops].filter(([, desktop]) => !isOwn(desktop.identity));
    for (const [key] of released) this.#desktops.delete(key);
    await Promise.all(released.map(([, desktop]) => desktop.leave()));
    if (released.length > 0) this.#noteAbsence();
  }

  /** A connection was lost: recordings that have nothing yet are now waiting for a desktop. */
  desktopLost(): void {
    this.#noteAbsence();
  }

  views(): DesktopView[] {
    const stoppedAt = this.#stoppedAt;
    return [...this.#desktops.values()].map((desktop) => {
      const view = desktop.view();
      if (stoppedAt === null || view.state === "offline") return view;
      return { ...view, state: "paused", since: Math.max(stoppedAt, desktop.onlineSince) };
    });
  }

  /** What comes in of a recording now; null when it is not open here. */
  captureOf(recordingId: string): CaptureView | null {
    return this.#recordings.get(recordingId)?.view(this.#options.store.clock.steady()) ?? null;
  }

  /** The recorder's clock was set: every stream gives a key frame soon, from which on files go by the new time. */
  clockStepped(): void {
    for (const desktop of this.#desktops.values())
      for (const { stream } of desktop.tracks) stream.requestKeyFrame();
  }

  /** To be called a few times a second: finds silent streams, and lets go of media that nobody sends any more. */
  async watch(now: SteadyMs): Promise<void> {
    const { startedAt, store } = this.#options;
    const dueBack = startedAt + RETURN_WITHIN_MS;
    if (now >= dueBack && !this.#isReachable()) {
      for (const recording of this.#recordings.values())
        this.#awaitDesktop(recording, store.clock.wallAt(dueBack));
    }
    for (const recording of this.#recordings.values()) recording.watch(now);
    for (const desktop of this.#desktops.values()) {
      await desktop.dropStaleMedia(this.#recordings.size > 0 ? now - CAPTURE_LEASE_MS : now);
    }
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled(
      [...this.#recordings.values()].map((recording) => recording.end("seal")),
    );
    for (const end of ends) {
      if (end.status === "rejected")
        this.#log.error({ err: end.reason }, "recording is not known to its end");
    }
    this.#recordings.clear();
    await Promise.all([...this.#desktops.values()].map((desktop) => desktop.dropMedia()));
  }

  #open(order: CaptureOrder): void {
    const { store, onFirstFrame } = this.#options;
    const recording = new RecordingCapture(order, store, this.#log, onFirstFrame);
    this.#recordings.set(order.recordingId, recording);
    const startedAt = store.clock.wallAt(this.#options.startedAt);
    if (this.#pausedAt !== null) recording.pause();
    if (this.#held !== null) recording.hold(this.#held.reason, Math.max(order.startedAt, startedAt));
    this.#log.info({ recordingId: order.recordingId, open: this.#recordings.size }, "capture ordered");
    this.#attachAll(recording);
    // One that an earlier run began is waited for in watch(): its desktops are only about to return.
    if (order.orderedAt >= startedAt && !this.#isReachable())
      this.#awaitDesktop(recording, Math.max(order.startedAt, startedAt));
  }

  /** Since when nothing is taken; null: captures run. */
  get #stoppedAt(): EpochMs | null {
    const since = [this.#pausedAt, this.#held?.since ?? null].filter((at) => at !== null);
    return since.length === 0 ? null : Math.min(...since);
  }

  /** To be called when a pause or a hold is over; without effect on recordings for which the other one lasts. */
  #goOn(): void {
    // Those that never stopped sending; the others begin anew.
    for (const recording of this.#recordings.values()) this.#attachAll(recording);
    this.#noteAbsence();
    this.#tellDesktops();
  }

  #attachAll(recording: RecordingCapture): void {
    for (const desktop of this.#desktops.values())
      for (const track of desktop.tracks) recording.attach(track);
  }

  #tellDesktops(): void {
    if (this.#recordings.size === 0) return;
    for (const desktop of this.#desktops.values()) void desktop.command(this.command());
  }

  /** Tracks go by the device; a second session of the agent on it (another OS user) has tracks of its own. */
  #trackNameOf({ device, osUser }: DesktopIdentity): string {
    const folded = device.toLowerCase();
    const isTaken = [...this.#desktops.values()].some(
      (other) => other.identity.device.toLowerCase() === folded,
    );
    return isTaken ? `${device} (${osUser})` : device;
  }

  #isReachable(): boolean {
    return [...this.#desktops.values()].some((desktop) => desktop.isReachable);
  }

  #noteAbsence(): void {
    if (this.#isReachable()) return;
    const now = this.#options.store.clock.now();
    for (const recording of this.#recordings.values()) this.#awaitDesktop(recording, now);
  }

  #awaitDesktop(recording: RecordingCapture, from: EpochMs): void {
    const isUpdating = [...this.#desktops.values()].some((desktop) => desktop.isUpdating);
    recording.awaitDesktop(from, isUpdating ? "desktop-updated" : null);
  }
}
