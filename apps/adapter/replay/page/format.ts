import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** A position or length as `mm:ss`, from an hour on `h:mm:ss`; cut to whole seconds, as players do. */
export function formatPosition(ms: DurationMs): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const tail = `${twoDigits(minutes)}:${twoDigits(seconds)}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** As {@link formatPosition}, with tenths of a second where there are any: `00:04`, `00:00.6`. */
export function formatFine(ms: DurationMs): string {
  const tenth = Math.floor((Math.max(0, ms) % 1000) / 100);
  return tenth === 0 ? formatPosition(ms) : `${formatPosition(ms)}.${tenth}`;
}

/** The time of day, `10:02:30`, in the zone (undefined = the reader's own). */
export function formatTimeOfDay(at: EpochMs, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", ...zoned(timeZone) }).format(at);
}

/** `10:02`, see {@link formatTimeOfDay}. */
export function formatMinuteOfDay(at: EpochMs, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeStyle: "short", ...zoned(timeZone) }).format(at);
}

/** The date as `2026-03-02`. */
export function formatDate(at: EpochMs, timeZone?: string): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", ...zoned(timeZone) }).format(at);
}

function zoned(timeZone: string | undefined): Intl.DateTimeFormatOptions {
  return timeZone === undefined ? {} : { timeZone };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
