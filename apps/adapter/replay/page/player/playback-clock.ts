/** How near its end a file counts as ended: the last samples are not always played. */
const END_SLACK_S = 0.05;

/**
 * The interaction's time while it is played. The call's audio is the master, since ears notice what eyes forgive; without
 * audio, or beyond its end, a timer goes on in its place.
 */
export class PlaybackClock {
  readonly #audio: HTMLAudioElement | null;
  readonly #durationMs: number;
  #isRunning = false;
  #rate = 1;
  /** Where the timer stood … */
  #anchorMs = 0;
  /** … when the page's monotonic clock showed this. */
  #anchoredAt = 0;

  constructor(audio: HTMLAudioElement | null, durationMs: number) {
    this.#audio = audio;
    this.#durationMs = durationMs;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whether the clock could not run on because the audio is still being loaded. */
  get isBlocked(): boolean {
    const audio = this.#audio;
    return (
      audio !== null &&
      this.#audioCounts(audio) &&
      (audio.seeking || audio.readyState < audio.HAVE_FUTURE_DATA)
    );
  }

  /** Whether somebody else stopped the audio: a media key, unplugged headphones, the browser's autoplay rule. */
  get isInterrupted(): boolean {
    const audio = this.#audio;
    return this.#isRunning && audio !== null && this.#audioCounts(audio) && audio.paused;
  }

  /** In ms on the interaction's timeline. */
  positionMs(): number {
    if (!this.#isRunning) return this.#anchorMs;
    const audio = this.#audio;
    if (audio !== null && this.#audioCounts(audio) && !audio.paused) {
      // Kept up to date, so that the timer goes on from here when the audio is over.
      this.#anchorMs = audio.currentTime * 1000;
      this.#anchoredAt = performance.now();
      return this.#anchorMs;
    }
    const passedMs = (performance.now() - this.#anchoredAt) * this.#rate;
    return Math.min(this.#durationMs, this.#anchorMs + passedMs);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#anchoredAt = performance.now();
    this.#isRunning = true;
    const audio = this.#audio;
    if (audio === null || !this.#audioCounts(audio)) return;
    // A refusal (no user gesture, undecodable) shows as the element's state; the timer keeps the time meanwhile.
    audio.play().catch(() => {});
  }

  stop(): void {
    if (!this.#isRunning) return;
    this.#anchorMs = this.positionMs();
    this.#isRunning = false;
    this.#audio?.pause();
  }

  seek(positionMs: number): void {
    this.#anchorMs = positionMs;
    this.#anchoredAt = performance.now();
    const audio = this.#audio;
    if (audio === null || audio.error !== null) return;
    audio.currentTime = positionMs / 1000;
    if (this.#isRunning && this.#audioCounts(audio)) audio.play().catch(() => {});
  }

  setRate(rate: number): void {
    this.#anchorMs = this.positionMs();
    this.#anchoredAt = performance.now();
    this.#rate = rate;
    if (this.#audio !== null) this.#audio.playbackRate = rate;
  }

  /** Whether the audio is what tells the time at the current anchor: playable, and not yet at its end. */
  #audioCounts(audio: HTMLAudioElement): boolean {
    if (audio.error !== null) return false;
    const endS = Number.isFinite(audio.duration) ? audio.duration : this.#durationMs / 1000;
    return !audio.ended && this.#anchorMs / 1000 < endS - END_SLACK_S;
  }
}
