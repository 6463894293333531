import type { DurationMs } from "#shared/time/units.ts";
import { seededRandom } from "../../dynamics/faults/seeded-random.ts";

/** What happens to a desktop in a round, besides that its recorder dies. */
type Mishap =
  | { kind: "none" }
  | { kind: "clock"; byMs: DurationMs }
  /** It falls asleep so long after the kill, for so long. */
  | { kind: "sleep"; afterMs: DurationMs; forMs: DurationMs };

export interface LeaseRound {
  /** From when all desktops capture to the kill. */
  killAfterMs: DurationMs;
  /** One for each desktop. */
  mishaps: Mishap[];
}

const LATEST_KILL_MS: DurationMs = 2_500;
const HOUR_MS: DurationMs = 3_600_000;

/** The same rounds for the same seed. */
export function planLeases(options: { seed: number; kills: number; desktops: number }): LeaseRound[] {
  const random = seededRandom(options.seed);
  const mishap = (): Mishap => {
    const dice = random();
    if (dice < 0.4) return { kind: "none" };
    if (dice < 0.7) return { kind: "clock", byMs: Math.round((random() * 2 - 1) * HOUR_MS) };
    return { kind: "sleep", afterMs: Math.round(random() * 1_000), forMs: Math.round(random() * 8_000) };
  };
  return Array.from({ length: options.kills }, () => ({
    killAfterMs: Math.round(random() * LATEST_KILL_MS),
    mishaps: Array.from({ length: options.desktops }, mishap),
  }));
}
