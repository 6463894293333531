import { expect, test } from "vitest";
import { hoursUntilFull, type SpaceOutlook } from "./space-forecast.ts";

const empty: SpaceOutlook = { roomBytes: 1_000, bytesPerHour: 10, keepHours: 72, due: [] };

test.each<[title: string, changes: Partial<SpaceOutlook>, hours: number | null]>([
  ["room for all that is kept lasts for ever", {}, null],
  ["room for less than what is kept lasts as long as it does", { roomBytes: 500 }, 50],
  ["nothing comes, nothing fills", { roomBytes: 0, bytesPerHour: 0 }, null],
  ["no room is full now", { roomBytes: 0 }, 0],
  ["less than no room is full now", { roomBytes: -5 }, 0],
  ["what goes in time makes room", { roomBytes: 500, due: [{ inHours: 49, bytes: 100 }] }, 60],
  ["what goes too late does not help", { roomBytes: 500, due: [{ inHours: 51, bytes: 100 }] }, 50],
  ["what was due already counts at once", { roomBytes: 0, due: [{ inHours: -1, bytes: 100 }] }, 10],
  [
    "as much goes as comes",
    { roomBytes: 20, due: Array.from({ length: 72 }, (_, hour) => ({ inHours: hour + 1, bytes: 10 })) },
    null,
  ],
  [
    "in whatever order it is told",
    {
      roomBytes: 100,
      due: [
        { inHours: 15, bytes: 600 },
        { inHours: 5, bytes: 100 },
      ],
    },
    null,
  ],
  [
    "a gap in what goes is found",
    {
      roomBytes: 100,
      due: [
        { inHours: 5, bytes: 100 },
        { inHours: 21, bytes: 900 },
      ],
    },
    20,
  ],
])("%s", (_, changes, hours) => {
  expect(hoursUntilFull({ ...empty, ...changes })).toBe(hours);
});
