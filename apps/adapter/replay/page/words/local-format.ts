import type { EpochMs } from "#shared/time/units.ts";
import { language } from "./language.ts";

const DAY_MS = 86_400_000;

/** The tag by which dates and numbers are written. */
function locale(): string {
  return { en: "en-GB", de: "de-DE" }[language.value];
}

/** A day as a heading: `Today`, `Yesterday`, else `Monday 2 March 2026`, in the page's language. */
export function dayHeading(at: EpochMs, now: EpochMs): string {
  const daysAgo = Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
  if (daysAgo !== 0 && daysAgo !== 1) {
    const style = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
    return formatterOf(style).format(at);
  }
  const word = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-daysAgo, "day");
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `Mon 2 Mar 10:02`. */
export function shortMoment(at: EpochMs): string {
  const style = {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  } as const;
  return formatterOf(style).format(at);
}

/** `2 Mar 2026, 10:02:30`. */
export function exactMoment(at: EpochMs): string {
  return formatterOf({ dateStyle: "medium", timeStyle: "medium" }).format(at);
}

/** `2 Mar 2026`. */
export function shortDay(at: EpochMs): string {
  return formatterOf({ day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** `10:02`. */
export function minuteOfDay(at: EpochMs): string {
  return formatterOf({ hour: "2-digit", minute: "2-digit" }).format(at);
}

/** `1,234`. */
export function formatCount(count: number): string {
  return new Intl.NumberFormat(locale()).format(count);
}

/** Making one takes longer than using it, and a list uses one for each row. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()} ${Object.entries(style).join(" ")}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(locale(), style);
  formatters.set(key, made);
  return made;
}

function startOfDay(at: EpochMs): EpochMs {
  return new Date(at).setHours(0, 0, 0, 0);
}
