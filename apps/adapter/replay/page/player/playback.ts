import { type Jumps, jumpFrom } from "./jumps.ts";
import { pictureBeside } from "./pictures.ts";
import { PlaybackClock } from "./playback-clock.ts";
import type { ScreenPlayer } from "./screen-player.ts";

const TICK_MS = 100;
/** A stall shorter than this is left to the drift correction; a longer one stops the clock for everybody. */
const WAIT_AFTER_MS = 300;
/** A screen that is not ready by then does not hold up the others. */
const WAIT_AT_MOST_MS = 8_000;

/** After a seek the large screen has the processor to itself so long at most. */
const FIRST_ALONE_MS = 600;

/** What the controls show. */
export interface PlaybackState {
  positionMs: number;
  isPlaying: boolean;
  /** Playing is wanted, but media are still being loaded. */
  isWaiting: boolean;
  rate: number;
}

/**
 * Plays audio and screens as one. After a seek nothing starts before everything that has a picture at the new place has
 * it; so all start together, and only small drifts remain to be corrected.
 */
export class Playback {
  readonly #durationMs: number;
  readonly #clock: PlaybackClock;
  readonly #screens: readonly ScreenPlayer[];
  readonly #onChange: (state: PlaybackState) => void;
  readonly #timer: number;
  #jumps: Jumps = { skips: [], loop: null };
  #isPlaying = false;
  #isWaiting = false;
  /** Whether stopped screens have to show the very picture of the position. */
  #isExact = true;
  #rate = 1;
  #steps = Promise.resolve();
  /** Whose picture comes first after a seek; null: all at once. */
  #first: ScreenPlayer | null = null;
  #soughtAt = Number.NEGATIVE_INFINITY;
  /** Since when something has been blocked, on the page's monotonic clock; null when nothing is. */
  #blockedSince: number | null = null;

  constructor(
    audio: HTMLAudioElement | null,
    screens: readonly ScreenPlayer[],
    durationMs: number,
    onChange: (state: PlaybackState) => void,
  ) {
    this.#durationMs = durationMs;
    this.#clock = new PlaybackClock(audio, durationMs);
    this.#screens = screens;
    this.#onChange = onChange;
    this.#timer = window.setInterval(() => this.tick(), TICK_MS);
  }

  get positionMs(): number {
    return this.#clock.positionMs();
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  toggle(): void {
    if (this.#isPlaying) {
      this.#isPlaying = false;
    } else {
      if (this.positionMs >= this.#durationMs) this.#clock.seek(0);
      this.#isPlaying = true;
      this.#isWaiting = true;
      this.#isExact = false;
    }
    this.tick();
  }

  seek(positionMs: number): void {
    this.#clock.stop();
    this.#clock.seek(Math.max(0, Math.min(this.#durationMs, positionMs)));
    this.#isWaiting = this.#isPlaying;
    this.#isExact = true;
    this.#blockedSince = null;
    this.#soughtAt = performance.now();
    this.tick();
  }

  /** @param screen - whose picture comes first after a seek: the large one; null: all at once. */
  setFirst(screen: ScreenPlayer | null): void {
    this.#first = screen;
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#clock.setRate(rate);
    this.tick();
  }

  /** Changes what is left out and what is played over and over. */
  setJumps(jumps: Jumps): void {
    this.#jumps = jumps;
    this.tick();
  }

  /**
   * Stops, and shows the picture after or before the one that a screen shows.
   *
   * @param screen - whose pictures are gone through.
   * @param times - when each of them begins, once it is known; null: nobody knows.
   */
  step(player: ScreenPlayer, way: 1 | -1, times: Promise<Float64Array | null>): Promise<void> {
    if (this.#isPlaying) this.toggle();
    // One after the other: each begins where the one before has led.
    this.#steps = this.#steps.then(async () => {
      const soughtAt = this.#soughtAt;
      const starts = await times;
      // Whoever has gone elsewhere meanwhile stays there.
      if (this.#isPlaying || this.#soughtAt !== soughtAt) return;
      const { offsetMs, durationMs } = player.screen;
      // After a seek it goes to the very position; where playing has stopped it may be off a bit.
      const atMs = this.#isExact ? this.positionMs - offsetMs : player.shownMs;
      const to = pictureBeside(starts, atMs, way, durationMs);
      if (to !== null) this.seek(offsetMs + to);
    });
    return this.#steps;
  }

  /** Brings everything in line with the clock; called often, and when a medium's state changes. */
  tick(): void {
    const positionMs = this.positionMs;
    const jumpTo =
      this.#isPlaying && !this.#isWaiting ? jumpFrom(positionMs, this.#jumps, this.#durationMs) : null;
    if (jumpTo !== null) {
      this.seek(jumpTo);
      return;
    }
    if (positionMs >= this.#durationMs || this.#clock.isInterrupted) this.#isPlaying = false;
    // Screens go to their place first: only then does it show whether they have a picture there.
    if (this.#isWaiting) this.#moveScreens(positionMs, false);
    this.#isWaiting = this.#isPlaying && this.#mustWait();
    const shallRun = this.#isPlaying && !this.#isWaiting;
    if (shallRun) this.#clock.start();
    else this.#clock.stop();
    this.#moveScreens(positionMs, shallRun);
    if (shallRun) this.#isExact = false;
    this.#onChange({ positionMs, isPlaying: this.#isPlaying, isWaiting: this.#isWaiting, rate: this.#rate });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clock.stop();
  }

  #moveScreens(positionMs: number, isRunning: boolean): void {
    const pace = { isRunning, rate: this.#rate, isExact: this.#isExact, isHeld: false };
    const first = this.#first;
    first?.follow(positionMs, pace);
    // Each screen decodes from its key picture before: the one that is looked at does not share the processor for it.
    const isHeld = first?.isBlocked === true && performance.now() - this.#soughtAt < FIRST_ALONE_MS;
    for (const screen of this.#screens) if (screen !== first) screen.follow(positionMs, { ...pace, isHeld });
  }

  #mustWait(): boolean {
    // Browsers do not decode pictures that nobody sees; the sound goes on, the pictures catch up when they are seen.
    const isBlocked =
      this.#clock.isBlocked || (!document.hidden && this.#screens.some((screen) => screen.isBlocked));
    if (!isBlocked) {
      this.#blockedSince = null;
      return false;
    }
    const now = performance.now();
    this.#blockedSince ??= now;
    const blockedForMs = now - this.#blockedSince;
    if (this.#clock.isBlocked) return true;
    return blockedForMs < WAIT_AT_MOST_MS && (this.#isWaiting || blockedForMs >= WAIT_AFTER_MS);
  }
}
