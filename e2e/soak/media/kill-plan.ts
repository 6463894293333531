import type { DurationMs } from "#shared/time/units.ts";
import { seededRandom } from "../../dynamics/faults/seeded-random.ts";

/** When a run of the recorder is killed. */
export interface PlannedKill {
  /** `start`: counted from when its process was started, so mostly while it recovers; `ready`: from when it was judged. */
  from: "start" | "ready";
  afterMs: DurationMs;
}

/** Three in ten runs is killed while it starts. */
const EARLY_SHARE = 0.3;
const EARLY_MS: DurationMs = 2_500;
/** Longer than a segment, so that some runs seal and some do not. */
const LATE_MS: DurationMs = 4_500;

/** The same kills for the same seed. */
export function planKills({ seed, kills }: { seed: number; kills: number }): PlannedKill[] {
  const random = seededRandom(seed);
  return Array.from({ length: kills }, (_, index) => {
    // The first run has nothing to recover yet.
    const isEarly = random() < EARLY_SHARE && index > 0;
    const share = random();
    return isEarly
      ? { from: "start", afterMs: Math.round(share * EARLY_MS) }
      : { from: "ready", afterMs: Math.round(share * LATE_MS) };
  });
}
