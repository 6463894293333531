import { expect, test } from "vitest";
import { arrangeTiles } from "./arrange.ts";

const WIDE = 16 / 9;

test("screens stand side by side in a wide room and above each other in a high one", () => {
  expect(arrangeTiles([WIDE, WIDE], 2_000, 600)).toEqual({ columns: 2, rows: 1 });
  expect(arrangeTiles([WIDE, WIDE], 800, 1_200)).toEqual({ columns: 1, rows: 2 });
});

test("four equal screens make a square", () => {
  expect(arrangeTiles([WIDE, WIDE, WIDE, WIDE], 1_600, 900)).toEqual({ columns: 2, rows: 2 });
});

test("one that stands upright does not make the others small", () => {
  expect(arrangeTiles([WIDE, WIDE, 1 / WIDE, WIDE], 1_000, 450, 28)).toEqual({ columns: 2, rows: 2 });
});

test("captions count: they can make one row better than two", () => {
  expect(arrangeTiles([WIDE, WIDE], 1_000, 640)).toEqual({ columns: 1, rows: 2 });
  expect(arrangeTiles([WIDE, WIDE], 1_000, 640, 60)).toEqual({ columns: 2, rows: 1 });
});

test("no screen and no room still make an arrangement", () => {
  expect(arrangeTiles([], 100, 100)).toEqual({ columns: 1, rows: 1 });
  expect(arrangeTiles([WIDE, WIDE], 0, 0)).toEqual({ columns: 1, rows: 2 });
});
