import type { DurationMs } from "#shared/time/units.ts";
import { seededRandom } from "../../dynamics/faults/seeded-random.ts";

/** What happens to the adapter while it makes a call's version. */
export interface PlannedBlow {
  /** `kill`: the adapter, with everything it runs; `ffmpeg`: one of its ffmpegs; `disk`: the archive's disk is full. */
  what: "kill" | "ffmpeg" | "disk";
  /** From when the adapter was ready and had a call to take over. */
  afterMs: DurationMs;
}

/** About what a call takes from its hand-off to its manifest here, so that kills fall before, in and after its stitching. */
const MOST_MS: DurationMs = 2_500;
/** After every so many kills one of each of the others. */
const OTHERS_EVERY = 10;

/** The same blows for the same seed. */
export function planBlows({ seed, kills }: { seed: number; kills: number }): PlannedBlow[] {
  const random = seededRandom(seed);
  return Array.from({ length: kills }, (_, index): PlannedBlow[] => {
    const kill: PlannedBlow = { what: "kill", afterMs: Math.round(random() * MOST_MS) };
    if (index % OTHERS_EVERY !== OTHERS_EVERY / 2 - 1) return [kill];
    return [kill, { what: "ffmpeg", afterMs: 0 }, { what: "disk", afterMs: 0 }];
  }).flat();
}
