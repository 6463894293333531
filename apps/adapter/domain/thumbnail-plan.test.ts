import fc from "fast-check";
import { expect, test } from "vitest";
import { screenThumbnailsSchema } from "#shared/archive/thumbnails.ts";
import { countRows, planThumbnails } from "./thumbnail-plan.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SCREEN = { file: "screen-2.mp4", width: 1_920, height: 1_080 };

test.each([
  ["a minute of five pictures a second", MINUTE, 300, 1, "every", 1, 60],
  ["the same with a second screen", MINUTE, 300, 2, "key", 10, 6],
  ["ten busy minutes", 10 * MINUTE, 3_000, 1, "key", 10, 60],
  ["ten minutes of a screen that stands still", 10 * MINUTE, 100, 1, "every", 1, 600],
  ["half an hour of such a screen", 30 * MINUTE, 300, 1, "every", 5, 360],
  ["an hour", HOUR, 18_000, 4, "key", 10, 360],
  ["eight hours", 8 * HOUR, 144_000, 1, "key", 60, 480],
  ["a week", 168 * HOUR, 1, 1, "every", 3_600, 168],
  ["no time at all", 0, 1, 1, "every", 1, 1],
  ["a moment more than a step", 10 * SECOND + 1, 1, 1, "every", 1, 11],
])(
  "%s: %i ms with %i pictures on %i screens",
  (_what, durationMs, pictures, screens, shows, everyS, count) => {
    const planned = planThumbnails({ ...SCREEN, durationMs, pictures }, screens);
    expect(planned).toMatchObject({ shows, everyMs: everyS * SECOND, count });
  },
);

test("sheets are named by their screen, have ten columns, and the last one has what is left", () => {
  expect(planThumbnails({ ...SCREEN, durationMs: 10 * MINUTE, pictures: 250 }, 1)).toEqual({
    ...{ file: "screen-2.mp4", width: 256, height: 144, columns: 10, everyMs: 1_000, shows: "every" },
    count: 600,
    sheets: Array.from({ length: 6 }, (_, index) => ({
      file: `thumbnails-2-${index + 1}.jpg`,
      count: 100,
    })),
  });
  const short = planThumbnails({ ...SCREEN, durationMs: 101_500, pictures: 1 }, 1);
  expect(short.sheets.map(({ count }) => count)).toEqual([100, 2]);
  expect(countRows(planThumbnails({ ...SCREEN, durationMs: 12_000, pictures: 1 }, 1))).toBe(2);
});

test.each([
  [1_920, 1_080, 256, 144],
  [3_440, 1_440, 256, 108],
  [1_280, 1_024, 240, 192],
  [1_080, 1_920, 108, 192],
  [7_680, 2, 256, 2],
])("a screen of %i x %i has thumbnails of %i x %i", (width, height, small, high) => {
  const planned = planThumbnails({ file: "screen-1.webm", width, height, durationMs: 1, pictures: 1 }, 1);
  expect(planned).toMatchObject({ width: small, height: high });
});

test("whatever the screen, its pictures are in its time, few, and in sheets that are not too large", () => {
  const size = fc.integer({ min: 2, max: 16_384 });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000 * HOUR }),
      ...[size, size, fc.nat(1_000_000), fc.integer({ min: 1, max: 12 })],
      (durationMs, width, height, pictures, screens) => {
        const source = { file: "screen-1.mp4", width, height, durationMs, pictures };
        const planned = screenThumbnailsSchema.parse(planThumbnails(source, screens));
        const { count, everyMs, sheets, columns } = planned;
        expect(count).toBeLessThanOrEqual(600);
        if (count > 1) expect((count - 1) * everyMs).toBeLessThan(durationMs);
        expect(count * everyMs).toBeGreaterThanOrEqual(durationMs);
        expect(sheets.reduce((sum, sheet) => sum + sheet.count, 0)).toBe(count);
        const rows = countRows(planned);
        expect(columns * planned.width * rows * planned.height).toBeLessThanOrEqual(10 * 10 * 256 * 144);
        expect(Math.max(...sheets.map((sheet) => sheet.count))).toBeLessThanOrEqual(rows * columns);
      },
    ),
  );
});
