/** How long a drift is remembered. */
const WINDOW_MS = 10_000;

/** Remembers how far a screen was off lately. */
export class SyncMeter {
  readonly #drifts: { at: number; driftMs: number }[] = [];

  /** @param at - on the page's monotonic clock. */
  note(at: number, driftMs: number): void {
    this.#drifts.push({ at, driftMs });
    while ((this.#drifts[0]?.at ?? at) < at - WINDOW_MS) this.#drifts.shift();
  }

  /** After a seek nothing before it counts. */
  forget(): void {
    this.#drifts.length = 0;
  }

  /** What 95 in 100 of the remembered distances do not exceed; null when none is remembered. */
  get p95Ms(): number | null {
    const distances = this.#drifts.map(({ driftMs }) => Math.abs(driftMs)).sort((a, b) => a - b);
    return distances[Math.ceil(distances.length * 0.95) - 1] ?? null;
  }

  get newestMs(): number | null {
    return this.#drifts.at(-1)?.driftMs ?? null;
  }
}
