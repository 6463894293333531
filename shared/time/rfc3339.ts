import type { EpochMs } from "./units.ts";

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads an RFC 3339 date-time; fractions beyond milliseconds are cut, a leap second counts as the next second.
 *
 * @returns whole milliseconds since the epoch, or null when the text is not a date-time.
 */
export function parseRfc3339(text: string): EpochMs | null {
  const match = RFC3339.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction = "", zone = "Z"] = match;
  const monthNumber = Number(month);
  if (monthNumber < 1 || monthNumber > 12) return null;
  if (Number(day) < 1 || Number(day) > (DAYS_IN_MONTH[monthNumber - 1] ?? 0)) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), monthNumber - 1, Number(day));
  // 30 February is rolled over into March instead of refused.
  if (date.getUTCMonth() !== monthNumber - 1) return null;
  const utc = date.setUTCHours(
    Number(hour),
    Number(minute),
    Number(second),
    Number(`${fraction}000`.slice(0, 3)),
  );
  return utc - zoneOffsetMs(zone);
}

function zoneOffsetMs(zone: string): number {
  if (zone === "Z" || zone === "z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** The contracts' form of an instant: UTC with milliseconds, e.g. `2026-03-02T10:02:30.120Z`; fractions are rounded. */
export function formatInstant(at: EpochMs): string {
  return new Date(Math.round(at)).toISOString();
}
