import { setTimeout as sleep } from "node:timers/promises";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";

/** Looks at the clock at least this often, since a clock may be stepped while one sleeps. */
const LOOK_EVERY_MS = 1_000;

/** Waits until the clock shows an instant; at once when it is past. Rejects when the signal aborts. */
export async function sleepUntil(clock: Clock, at: EpochMs, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  for (let left = at - clock.now(); left > 0; left = at - clock.now()) {
    await sleep(Math.min(Math.ceil(left), LOOK_EVERY_MS), undefined, { signal });
  }
}
