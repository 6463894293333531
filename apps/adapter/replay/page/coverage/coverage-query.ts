import { COVERAGE_WORDS, type CoverageWord } from "#shared/api/coverage.ts";
import type { EpochMs } from "#shared/time/units.ts";

export const SPANS = ["1", "7", "30", "365"] as const;
export type Span = (typeof SPANS)[number];

/** Which part of the ledger is shown. */
export interface CoverageQuery {
  /** The last day, `2026-03-02`; "": today. */
  day: string;
  /** So many days, that one included. */
  days: Span;
  word: CoverageWord | "";
  reason: string;
  agent: string;
}

export const WHOLE_DAY: CoverageQuery = { day: "", days: "1", word: "", reason: "", agent: "" };

/** What an address names; nonsense in it is left out. */
export function readCoverageQuery(search: string): CoverageQuery {
  const query = new URLSearchParams(search);
  const text = (name: string) => (query.get(name) ?? "").trim();
  return {
    day: partsOf(text("day")) === null ? "" : text("day"),
    days: SPANS.find((span) => span === text("days")) ?? "1",
    word: COVERAGE_WORDS.find((word) => word === text("word")) ?? "",
    reason: text("reason"),
    agent: text("agent"),
  };
}

/** The address that shows it. */
export function coverageAddress(query: CoverageQuery): string {
  const given = Object.entries(query).filter(
    ([name, value]) => value !== "" && !(name === "days" && value === WHOLE_DAY.days),
  );
  const text = new URLSearchParams(given).toString();
  return text === "" ? "/coverage" : `/coverage?${text}`;
}

/** From when to when it is, by the days of this machine. */
export function spanOfDays({ day, days }: Pick<CoverageQuery, "day" | "days">, now: EpochMs) {
  const [year, month, date] = partsOf(day) ?? partsOf(dayText(now)) ?? [1970, 0, 1];
  return {
    from: new Date(year, month, date - Number(days) + 1).getTime(),
    to: new Date(year, month, date + 1).getTime(),
  };
}

/** The day so many days after a day ("": today). */
export function dayAfter(day: string, by: number, now: EpochMs): string {
  const [year, month, date] = partsOf(day) ?? partsOf(dayText(now)) ?? [1970, 0, 1];
  return dayText(new Date(year, month, date + by).getTime());
}

/** `2026-03-02`, by this machine's days. */
export function dayText(at: EpochMs): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Year, month from 0, day; null: it is no day that there is. */
function partsOf(day: string): [number, number, number] | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  const parts: [number, number, number] = [Number(year), Number(month) - 1, Number(date)];
  return dayText(new Date(...parts).getTime()) === day ? parts : null;
}
