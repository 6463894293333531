import { expect, test } from "vitest";
import { arrangeTiles, fitPicture } from "./arrange.ts";

const WIDE = 16 / 9;

test("screens stand side by side in a wide room and above each other in a high one", () => {
  expect(arrangeTiles([WIDE, WIDE], { width: 2_000, height: 600 })).toMatchObject({ columns: 2, rows: 1 });
  expect(arrangeTiles([WIDE, WIDE], { width: 800, height: 1_200 })).toMatchObject({ columns: 1, rows: 2 });
});

test("four equal screens make a square, each as large as a quarter has room", () => {
  expect(
    arrangeTiles([WIDE, WIDE, WIDE, WIDE], { width: 1_600, height: 990, extra: 45, gap: 0 }),
  ).toMatchObject({ columns: 2, rows: 2, tileWidth: 800, tileHeight: 495 });
});

test("one that stands upright does not make the others small", () => {
  const ratios = [WIDE, WIDE, 1 / WIDE, WIDE];
  const withGaps = { width: 1_008, height: 427, extra: 26, gap: 8 };
  expect(arrangeTiles(ratios, withGaps)).toMatchObject({ columns: 2, rows: 2 });
  expect(arrangeTiles(ratios, { width: 1_000, height: 450, extra: 28 })).toMatchObject({
    ...{ columns: 2, rows: 2 },
  });
});

test("captions and gaps count: they can make one row better than two", () => {
  const room = { width: 1_000, height: 640 };
  expect(arrangeTiles([WIDE, WIDE], room)).toMatchObject({ columns: 1, rows: 2 });
  expect(arrangeTiles([WIDE, WIDE], { ...room, extra: 60 })).toMatchObject({ columns: 2, rows: 1 });
  expect(arrangeTiles([WIDE, WIDE], { ...room, gap: 100 })).toMatchObject({ columns: 2, rows: 1 });
});

test("no screen and no room still make an arrangement", () => {
  expect(arrangeTiles([], { width: 100, height: 100 })).toMatchObject({ columns: 1, rows: 1 });
  expect(arrangeTiles([WIDE, WIDE], { width: 0, height: 0, gap: 8 })).toMatchObject({ columns: 1, rows: 2 });
});

test("a picture takes the whole width or the whole height of its room", () => {
  expect(fitPicture(2, 100, 80)).toEqual({ width: 100, height: 50 });
  expect(fitPicture(2, 100, 40)).toEqual({ width: 80, height: 40 });
  expect(fitPicture(2, -8, 40)).toEqual({ width: 0, height: 0 });
});
