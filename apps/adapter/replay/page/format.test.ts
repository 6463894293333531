import { expect, test } from "vitest";
import { formatDate, formatFine, formatMinuteOfDay, formatPosition, formatTimeOfDay } from "./format.ts";

test("a position counts whole seconds, hours only when there are any", () => {
  expect(
    [0, 999, 1_000, 59_999, 60_000, 252_400, 3_599_999, 3_600_000, 36_061_000].map(formatPosition),
  ).toEqual(["00:00", "00:00", "00:01", "00:59", "01:00", "04:12", "59:59", "1:00:00", "10:01:01"]);
});

test("a position before the start is shown as the start", () => {
  expect(formatPosition(-5)).toBe("00:00");
});

test("a fine position has tenths where there are any", () => {
  expect([0, 60, 600, 4_000, 61_250, 3_600_990].map(formatFine)).toEqual([
    "00:00",
    "00:00",
    "00:00.6",
    "00:04",
    "01:01.2",
    "1:00:00.9",
  ]);
});

test("times of day and dates are those of the zone", () => {
  const at = Date.UTC(2026, 2, 1, 23, 2, 30);
  expect(formatTimeOfDay(at, "UTC")).toBe("23:02:30");
  expect(formatMinuteOfDay(at, "Europe/Berlin")).toBe("00:02");
  expect(formatDate(at, "Europe/Berlin")).toBe("2026-03-02");
});
