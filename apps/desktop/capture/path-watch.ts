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
  #received = -1;
  #lastSignAt = performance.now();

  /**
   * @param isSending - whether anything is to come back now.
   * @param onDead - called again and again while nothing does.
   */
  constructor(transport: types.Transport, isSending: () => boolean, onDead: () => void) {
    this.#transport = transport;
    const timer = setInterval(() => {
      if (transport.connectionState !== "connected" || !isSending()) this.#lastSignAt = performance.now();
      // Closed meanwhile: nobody wants to know any more.
      else this.#look().catch(() => {});
      if (this.isDead) onDead();
    }, LOOK_EVERY_MS);
    transport.observer.once("close", () => clearInterval(timer));
  }

  get isDead(): boolean {
    const { connectionState } = this.#transport;
    if (connectionState === "disconnected" || connectionState === "failed") return true;
    return performance.now() - this.#lastSignAt >= SILENT_AFTER_MS;
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
