import type { types } from "mediasoup-client";

const LOOK_EVERY_MS = 500;
/** As long as the recorder waits before it takes the pictures for lost. Something comes at least every 1.5 s (RTCP). */
const SILENT_AFTER_MS = 3_000;

/**
 * Watches whether anything comes back on a transport. Chromium itself waits five seconds and more before it says
 * `disconnected`, and a quarter of a minute with `failed`: too long for a call whose way was cut off.
 */
export class PathWatch {
  readonly #transport: types.Transport;
  readonly #isSending: () => boolean;
  readonly #onDead: () => void;
  #received = -1;
  #lastSignAt = performance.now();
  #timer: ReturnType<typeof setInterval> | null = null;

  /**
   * @param isSending - whether anything is to come back now.
   * @param onDead - called again and again while nothing does, if it is watched.
   */
  constructor(transport: types.Transport, isSending: () => boolean, onDead: () => void) {
    this.#transport = transport;
    this.#isSending = isSending;
    this.#onDead = onDead;
    transport.observer.once("close", () => this.watch(false));
  }

  /** Watches from now on, or no more: between calls an agent's PC is left in peace. */
  watch(isWatched: boolean): void {
    if (isWatched === (this.#timer !== null) || (isWatched && this.#transport.closed)) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#lastSignAt = performance.now();
    this.#timer = isWatched ? setInterval(() => this.#tick(), LOOK_EVERY_MS) : null;
  }

  get isDead(): boolean {
    const { connectionState } = this.#transport;
    if (connectionState === "disconnected" || connectionState === "failed") return true;
    return this.#timer !== null && performance.now() - this.#lastSignAt >= SILENT_AFTER_MS;
  }

  #tick(): void {
    if (this.#transport.connectionState !== "connected" || !this.#isSending())
      this.#lastSignAt = performance.now();
    // Closed meanwhile: nobody wants to know any more.
    else this.#look().catch(() => {});
    if (this.isDead) this.#onDead();
  }

  async #look(): Promise<void> {
    const received = await readReceived(this.#transport);
    if (received !== this.#received) this.#lastSignAt = performance.now();
    this.#received = received;
  }
}

/** Everything that has come, media's reports and ICE's answers alike (W3C webrtc-stats, `candidate-pair`). */
async function readReceived(transport: types.Transport): Promise<number> {
  let received = 0;
  for (const entry of (await transport.getStats()).values() as Iterable<RTCIceCandidatePairStats>) {
    if (entry.type !== "candidate-pair") continue;
    received += (entry.bytesReceived ?? 0) + (entry.responsesReceived ?? 0);
  }
  return received;
}
