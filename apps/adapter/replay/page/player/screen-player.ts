import type { ManifestScreen } from "./lanes.ts";
import {
  isSettled,
  placeOnScreen,
  type ScreenPlace,
  type Steering,
  steerScreen,
  stretchWithoutPicture,
} from "./sync.ts";
import { SyncMeter } from "./sync-meter.ts";

/** The last frames of a file may never be reported as played. */
const TAIL_MS = 120;

/** What a screen's room shows, and why. */
export interface ScreenView {
  shows: "picture" | "loading" | "before" | "after" | "failed";
  /** A `MediaError`'s code; null unless it failed. */
  errorCode: number | null;
  /** The picture is not yet that of the position. */
  isSeeking: boolean;
  /** The stretch without a true picture that it is in. */
  stretch: ManifestScreen["coverage"][number] | null;
}

/** Before anything is known. */
export const NO_VIEW: ScreenView = { shows: "loading", errorCode: null, isSeeking: false, stretch: null };

/** What the debug overlay tells of a screen. */
export interface ScreenHealth {
  /** Behind the clock; negative: ahead of it. Null while nothing is played. */
  driftMs: number | null;
  driftP95Ms: number | null;
  droppedFrames: number;
  frames: number;
  /** From the newest seek to its picture. */
  seekMs: number | null;
}

/** How a screen is to follow the clock. */
export interface Pace {
  isRunning: boolean;
  /** Of the clock, also while it stands. */
  rate: number;
  /** Whether a stopped screen has to show the very picture of the position. */
  isExact: boolean;
  /** A stopped screen does not go to its place yet: another one's picture comes first. */
  isHeld: boolean;
}

/** Plays one screen of the interaction along with the clock. */
export class ScreenPlayer {
  readonly screen: ManifestScreen;
  readonly video: HTMLVideoElement;
  readonly #onView: (view: ScreenView) => void;
  readonly #meter = new SyncMeter();
  #view = NO_VIEW;
  #isNudging = false;
  /** The clock is at one of its pictures, … */
  #isThere = false;
  /** … and not at the very last, for which nobody waits. */
  #isDuring = false;
  /** It is held where it is, away from its place. */
  #isBehind = false;
  /** When the picture that is shown began, by the file's clock; null: not told since the newest seek. */
  #pictureMs: number | null = null;
  #soughtAt: number | null = null;
  #seekMs: number | null = null;

  /**
   * @param url - of the screen's file.
   * @param positionMs - where the clock stands: its file is loaded from there on.
   * @param onChange - told when the picture becomes or stops being ready.
   * @param onView - told when the room has to show something else.
   */
  constructor(
    screen: ManifestScreen,
    url: string,
    positionMs: number,
    onChange: () => void,
    onView: (view: ScreenView) => void,
  ) {
    this.screen = screen;
    this.#onView = onView;
    this.video = document.createElement("video");
    const place = placeOnScreen(positionMs, screen);
    // Else the browser would first decode what the file begins with.
    this.video.src = place.phase === "during" ? `${url}#t=${place.localMs / 1000}` : url;
    this.video.preload = "auto";
    this.video.playsInline = true;
    // Its own slice of the audio is for playing the file alone. The attribute alone would not silence it.
    this.video.muted = true;
    this.video.disablePictureInPicture = true;
    for (const type of ["loadedmetadata", "loadeddata", "canplay", "seeking", "seeked", "waiting", "error"])
      this.video.addEventListener(type, onChange);
    this.#watchPictures();
  }

  get view(): ScreenView {
    return this.#view;
  }

  /** Whether the clock has to wait for this screen's picture. */
  get isBlocked(): boolean {
    const { video } = this;
    if (!this.#isDuring || video.error !== null) return false;
    return this.#isBehind || video.seeking || video.readyState < video.HAVE_FUTURE_DATA;
  }

  /** Whether it has a picture at the clock's position, be it that it is still on its way. */
  get isShowing(): boolean {
    return this.#isThere && this.video.error === null;
  }

  /**
   * A moment of the picture that is shown, by the file's clock. Browsers tell of pictures late at times, by one or two, but
   * their position is off more often.
   */
  get shownMs(): number {
    return this.#pictureMs ?? this.video.currentTime * 1000;
  }

  get health(): ScreenHealth {
    const { droppedVideoFrames, totalVideoFrames } = this.video.getVideoPlaybackQuality();
    return {
      driftMs: this.#meter.newestMs,
      driftP95Ms: this.#meter.p95Ms,
      droppedFrames: droppedVideoFrames,
      frames: totalVideoFrames,
      seekMs: this.#seekMs,
    };
  }

  /**
   * Follows the clock.
   *
   * @param positionMs - on the interaction's timeline.
   */
  follow(positionMs: number, pace: Pace): void {
    const { video } = this;
    const place = placeOnScreen(positionMs, this.screen);
    const lengthMs = Number.isFinite(video.duration) ? video.duration * 1000 : this.screen.durationMs;
    this.#isThere = place.phase === "during";
    this.#isDuring = place.phase === "during" && place.localMs < lengthMs - TAIL_MS;
    this.#go(place, lengthMs, pace);
    this.#tell(positionMs, place.phase);
  }

  #go(place: ScreenPlace, lengthMs: number, { isRunning, rate, isExact, isHeld }: Pace): void {
    const { video } = this;
    this.#isBehind = false;
    if (video.error !== null || video.readyState === video.HAVE_NOTHING) return;
    if (place.phase !== "during") {
      if (!video.paused) video.pause();
      return;
    }
    const localMs = Math.min(place.localMs, lengthMs);
    if (video.seeking) return;
    if (isRunning && this.#isDuring) this.#steer(localMs, rate);
    else this.#settle(localMs, isExact, isHeld);
  }

  /** Loads the file once more; with its first picture it goes to its place by itself. */
  retry(): void {
    this.video.load();
  }

  /** Lets go of the file: a removed element would go on loading it. */
  [Symbol.dispose](): void {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  #steer(localMs: number, rate: number): void {
    const { video } = this;
    const driftMs = localMs - video.currentTime * 1000;
    if (!video.paused) this.#meter.note(performance.now(), driftMs);
    const steering: Steering = steerScreen(driftMs, rate, this.#isNudging);
    if (steering.action === "seek") {
      this.#seek(localMs);
      return;
    }
    this.#isNudging = steering.isNudging;
    if (video.playbackRate !== steering.playbackRate) video.playbackRate = steering.playbackRate;
    // Fails when a pause comes first, and then nothing is to be done.
    if (video.paused) video.play().catch(() => {});
  }

  #settle(localMs: number, isExact: boolean, isHeld: boolean): void {
    const { video } = this;
    if (!video.paused) video.pause();
    if (isSettled(localMs - video.currentTime * 1000, isExact)) return;
    if (isHeld) this.#isBehind = true;
    else this.#seek(localMs);
  }

  #seek(localMs: number): void {
    this.#meter.forget();
    this.#soughtAt = performance.now();
    this.#pictureMs = null;
    this.video.currentTime = localMs / 1000;
  }

  #watchPictures(): void {
    this.video.requestVideoFrameCallback((_now, { mediaTime }) => {
      this.#pictureMs = mediaTime * 1000;
      if (this.#soughtAt !== null && !this.video.seeking) {
        this.#seekMs = performance.now() - this.#soughtAt;
        this.#soughtAt = null;
      }
      this.#watchPictures();
    });
  }

  #tell(positionMs: number, phase: "before" | "during" | "after"): void {
    const { video } = this;
    const errorCode = video.error?.code ?? null;
    const during = video.readyState < video.HAVE_CURRENT_DATA ? "loading" : "picture";
    const shows = errorCode === null ? (phase === "during" ? during : phase) : "failed";
    const stretch =
      phase === "during" && errorCode === null
        ? stretchWithoutPicture(positionMs, this.screen.coverage)
        : null;
    const isSeeking = shows === "picture" && (video.seeking || this.#isBehind);
    const { shows: before, ...view } = this.#view;
    const isSame = before === shows && view.errorCode === errorCode && view.stretch === stretch;
    if (isSame && view.isSeeking === isSeeking) return;
    this.#view = { shows, errorCode, isSeeking, stretch };
    this.#onView(this.#view);
  }
}
