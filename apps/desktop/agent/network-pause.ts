import { setTimeout as sleep } from "node:timers/promises";
import type { DurationMs } from "#shared/time/units.ts";

/** Tells one state of the computer's network from another, in any words: its addresses, whether it is online. */
export type NetworkState = () => string;

/** Often enough that nobody waits, rare enough that an idle app takes nothing. */
const LOOK_EVERY_MS: DurationMs = 3_000;

/**
 * Waits before the next attempt to connect, or less: what could not be reached by one network may be by another.
 *
 * @param before - the network's state when the attempt before began.
 * @returns whether the network has changed.
 */
export async function pauseOnNetwork(
  delayMs: DurationMs,
  before: string,
  networkState: NetworkState,
  signal: AbortSignal,
): Promise<boolean> {
  const until = performance.now() + delayMs;
  for (;;) {
    if (signal.aborted) return false;
    if (networkState() !== before) return true;
    const leftMs = until - performance.now();
    if (leftMs <= 0) return false;
    await sleep(Math.min(leftMs, LOOK_EVERY_MS), undefined, { signal }).catch(() => {});
  }
}
