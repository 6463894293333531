import { expect, test } from "vitest";
import { nextNight } from "./next-night.ts";

test("retention runs at two in the night by the machine's time, once a night", () => {
  const local = (day: number, hour: number, minute = 0) => new Date(2026, 2, day, hour, minute).getTime();
  expect(nextNight(local(2, 1, 59))).toBe(local(2, 2));
  expect(nextNight(local(2, 2))).toBe(local(3, 2));
  expect(nextNight(local(2, 23))).toBe(local(3, 2));
});
