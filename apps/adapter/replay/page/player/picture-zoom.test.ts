import fc from "fast-check";
import { expect, test } from "vitest";
import { panPicture, WHOLE_PICTURE, zoomPicture } from "./picture-zoom.ts";

/** Where a point of the picture is seen in the room, both 0 to 1. */
function seenAt(zoom: typeof WHOLE_PICTURE, x: number): number {
  return 0.5 + (x - 0.5) * zoom.scale + zoom.right;
}

test("the point under the pointer stays there", () => {
  const once = zoomPicture(WHOLE_PICTURE, 2, 0.25, 0.5);
  expect(seenAt(once, 0.25)).toBeCloseTo(0.25);
  const twice = zoomPicture(once, 2, 0.25, 0.5);
  expect(seenAt(twice, 0.25)).toBeCloseTo(0.25);
});

test("zooming out ends with the whole picture in its place", () => {
  expect(zoomPicture(zoomPicture(WHOLE_PICTURE, 4, 0, 1), 0.01)).toEqual(WHOLE_PICTURE);
});

test("no edge of the picture ever leaves the room empty", () => {
  const step = fc.record({
    factor: fc.double({ min: 0.2, max: 5, noNaN: true }),
    x: fc.double({ min: 0, max: 1, noNaN: true }),
    by: fc.double({ min: -3, max: 3, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let zoom = WHOLE_PICTURE;
      for (const { factor, x, by } of steps) {
        zoom = panPicture(zoomPicture(zoom, factor, x, x), by, -by);
        expect(seenAt(zoom, 0)).toBeLessThanOrEqual(1e-9);
        expect(seenAt(zoom, 1)).toBeGreaterThanOrEqual(1 - 1e-9);
      }
    }),
  );
});
