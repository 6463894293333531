import { PlaybackClock } from "./playback-clock.ts";
import type { ScreenTile } from "./screen-tile.ts";

const TICK_MS = 100;
/** A stall shorter than this is left to the drift correction; a longer one stops the clock for everybody. */
const WAIT_AFTER_MS = 300;
/** A screen that is not ready by then does not hold up the others. */
const WAIT_AT_MOST_MS = 8_000;

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
  readonly #tiles: readonly ScreenTile[];
  readonly #onChange: (state: PlaybackState) => void;
  readonly #timer: number;
  #isPlaying = false;
  #isWaiting = false;
  #rate = 1;
  /** Since when something has been blocked, on the page's monotonic clock; null when nothing is. */
  #blockedSince: number | null = null;

  constructor(
    audio: HTMLAudioElement | null,
    tiles: readonly ScreenTile[],
    durationMs: number,
    onChange: (state: PlaybackState) => void,
  ) {
    this.#durationMs = durationMs;
    this.#clock = new PlaybackClock(audio, durationMs);
    this.#tiles = tiles;
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
    }
    this.tick();
  }

  seek(positionMs: number): void {
    this.#clock.stop();
    this.#clock.seek(Math.max(0, Math.min(this.#durationMs, positionMs)));
    this.#isWaiting = this.#isPlaying;
    this.#blockedSince = null;
    this.tick();
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#clock.setRate(rate);
    this.tick();
  }

  /** Brings everything in line with the clock; called often, and when a medium's state changes. */
  tick(): void {
    const positionMs = this.positionMs;
    if (positionMs >= this.#durationMs || this.#clock.isInterrupted) this.#isPlaying = false;
    // Screens go to their place first: only then does it show whether they have a picture there.
    if (this.#isWaiting) this.#moveTiles(positionMs, false);
    this.#isWaiting = this.#isPlaying && this.#mustWait();
    const shallRun = this.#isPlaying && !this.#isWaiting;
    if (shallRun) this.#clock.start();
    else this.#clock.stop();
    this.#moveTiles(positionMs, shallRun);
    this.#onChange({ positionMs, isPlaying: this.#isPlaying, isWaiting: this.#isWaiting, rate: this.#rate });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clock.stop();
  }

  #moveTiles(positionMs: number, isRunning: boolean): void {
    for (const tile of this.#tiles) tile.follow(positionMs, isRunning, this.#rate);
  }

  #mustWait(): boolean {
    // Browsers do not decode pictures that nobody sees; the sound goes on, the pictures catch up when they are seen.
    const isBlocked =
      this.#clock.isBlocked || (!document.hidden && this.#tiles.some((tile) => tile.isBlocked));
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
