import type { EpochMs } from "#shared/time/units.ts";

/** When retention runs, in the machine's own time: nobody works, and the night's backups are still to come. */
const NIGHT_HOUR = 2;

/** The next night's hour of retention after this instant. */
export function nextNight(now: EpochMs): EpochMs {
  const at = new Date(now);
  at.setHours(NIGHT_HOUR, 0, 0, 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.getTime();
}
