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
/** A screen on which nothing changes has no next picture within this. */
const NEXT_PICTURE_WITHIN_MS = 2_500;
/** A step after a seek that takes longer begins at what is shown by then. */
const SEEK_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 10;
/** How exactly times of one place agree. */
const CLOCK_MS = 0.5;
/** After a seek that is over, no more is waited for its picture to be told of. */
const UNTOLD_AFTER_MS = 300;
/** So far back the picture before is looked for where it has to be played to. */
const LOOK_BACK_MS = 1_000;

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
  #isDuring = false;
  #isStepping = false;
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
    return this.#isDuring && this.video.error === null;
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
    this.#isDuring = place.phase === "during" && place.localMs < lengthMs - TAIL_MS;
    this.#go(place, lengthMs, pace);
    this.#tell(positionMs, place.phase);
  }

  #go(place: ScreenPlace, lengthMs: number, { isRunning, rate, isExact, isHeld }: Pace): void {
    const { video } = this;
    this.#isBehind = false;
    if (video.error !== null || video.readyState === video.HAVE_NOTHING || this.#isStepping) return;
    if (place.phase !== "during") {
      if (!video.paused) video.pause();
      return;
    }
    const localMs = Math.min(place.localMs, lengthMs);
    if (video.seeking) return;
    if (isRunning && this.#isDuring) this.#steer(localMs, rate);
    else this.#settle(localMs, isExact, isHeld);
  }

  /**
   * Finds the picture beside the one that is shown.
   *
   * @returns its beginning on the interaction's timeline; null when there is none.
   */
  async findPicture(way: 1 | -1): Promise<number | null> {
    await this.#settled();
    if (this.#isStepping || this.video.readyState < this.video.HAVE_CURRENT_DATA) return null;
    const atMs = this.video.currentTime * 1000;
    const shown = this.#pictureMs;
    if (way === -1 && shown !== null && shown < atMs - CLOCK_MS)
      // The picture before lasts up to this one's beginning; a whole millisecond, for files have coarse clocks.
      return shown <= 1 ? null : this.screen.offsetMs + shown - 1;
    this.#isStepping = true;
    try {
      return way === 1 ? await this.#playToNextPicture(atMs) : await this.#playUpTo(atMs);
    } finally {
      this.#isStepping = false;
    }
  }

  /** Lets go of the file: a removed element would go on loading it. */
  [Symbol.dispose](): void {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** Waits for the picture of a seek: until then the one that is shown is of another place. */
  async #settled(): Promise<void> {
    const giveUpAt = performance.now() + SEEK_WITHIN_MS;
    let soughtUntil = performance.now();
    while (this.#soughtAt !== null && performance.now() < giveUpAt) {
      if (this.video.seeking) soughtUntil = performance.now();
      // Firefox does not always tell of the picture that a seek has led to.
      else if (performance.now() - soughtUntil > UNTOLD_AFTER_MS) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async #playToNextPicture(atMs: number): Promise<number | null> {
    let found: number | null = null;
    await this.#playUntil(NEXT_PICTURE_WITHIN_MS, (beganMs) => {
      if (beganMs <= atMs + CLOCK_MS) return false;
      found ??= beganMs;
      return true;
    });
    // A little into it: clocks of files are coarser than its own.
    return found === null ? null : this.screen.offsetMs + found + 1;
  }

  /**
   * Finds the picture before where it is not known when the one that is shown began: after a seek Firefox gives the place
   * of the seek instead. Plays from a little before, for while it plays it gives the pictures' own times.
   */
  async #playUpTo(atMs: number): Promise<number | null> {
    const { video } = this;
    const fromMs = Math.max(0, atMs - LOOK_BACK_MS);
    const began: number[] = [];
    this.#seek(fromMs);
    await this.#settled();
    await this.#playUntil(LOOK_BACK_MS * 2, (beganMs) => {
      if (beganMs > fromMs + CLOCK_MS && beganMs <= atMs + CLOCK_MS) began.push(beganMs);
      return video.currentTime * 1000 > atMs;
    });
    const before = began.at(-2);
    if (before !== undefined) return this.screen.offsetMs + before + 1;
    // It is the one that was shown where the playing began.
    return began.length === 0 && fromMs === 0 ? null : this.screen.offsetMs + fromMs;
  }

  /**
   * Plays for so long at most.
   *
   * @param isEnough - told when each picture began, by the file's clock; ends it.
   */
  async #playUntil(mostMs: number, isEnough: (beganMs: number) => boolean): Promise<void> {
    const { video } = this;
    const over = Promise.withResolvers<void>();
    let isOver = false;
    const watch = () =>
      video.requestVideoFrameCallback((_now, { mediaTime }) => {
        if (isOver) return;
        if (isEnough(mediaTime * 1000)) over.resolve();
        else watch();
      });
    watch();
    const giveUp = setTimeout(() => over.resolve(), mostMs);
    video.playbackRate = 1;
    await video.play().catch(() => over.resolve());
    await over.promise;
    isOver = true;
    clearTimeout(giveUp);
    video.pause();
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
