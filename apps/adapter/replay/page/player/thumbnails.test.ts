import { expect, test } from "vitest";
import { decodeThumbnails, spriteAt } from "./thumbnails.ts";

const SCREEN = {
  ...{ file: "screen-1.mp4", width: 240, height: 135, columns: 10, everyMs: 5_000, count: 120 },
  sheets: [
    { file: "thumbnails-1-1.jpg", count: 100 },
    { file: "thumbnails-1-2.jpg", count: 20 },
  ],
};

test.each([
  [0, "thumbnails-1-1.jpg", 0, 0],
  [4_999, "thumbnails-1-1.jpg", 0, 0],
  [5_000, "thumbnails-1-1.jpg", 240, 0],
  [50_000, "thumbnails-1-1.jpg", 0, 135],
  [499_999, "thumbnails-1-1.jpg", 2_160, 1_215],
  [500_000, "thumbnails-1-2.jpg", 0, 0],
  // The last picture stands for what comes after it.
  [9_999_999, "thumbnails-1-2.jpg", 2_160, 135],
])("at %i ms it is the newest picture that is not later", (localMs, sheet, left, top) => {
  expect(spriteAt(SCREEN, localMs)).toEqual({ sheet, left, top });
});

test("before a screen, and in one without pictures, there is none", () => {
  expect(spriteAt(SCREEN, -1)).toBeNull();
  expect(spriteAt({ ...SCREEN, count: 0, sheets: [] }, 0)).toBeNull();
});

test("thumbnails of another format are refused", () => {
  expect(decodeThumbnails({ format: "deskreel.thumbnails/1", screens: [SCREEN] })).toEqual([SCREEN]);
  expect(() => decodeThumbnails({ format: "deskreel.thumbnails/2", screens: [] })).toThrow(/thumbnails\/1/);
});

test.each([
  [null],
  [{}],
  [{ ...SCREEN, columns: 0 }],
  [{ ...SCREEN, sheets: undefined }],
  [{ ...SCREEN, sheets: [null] }],
  [{ ...SCREEN, count: "120" }],
])("a screen that lacks something is refused, before anything is drawn: %j", (screen) => {
  expect(() => decodeThumbnails({ format: "deskreel.thumbnails/1", screens: [SCREEN, screen] })).toThrow(
    /without its pictures/,
  );
});
