import fc from "fast-check";
import { expect, test } from "vitest";
import { axisMarks, followAxis, panAxis, zoomAxis } from "./axis.ts";

const HOUR = 3_600_000;
const WHOLE = { fromMs: 0, toMs: HOUR };

test("zooming keeps the moment in its place", () => {
  expect(zoomAxis(WHOLE, 2, HOUR / 4, HOUR)).toEqual({ fromMs: HOUR / 8, toMs: HOUR / 8 + HOUR / 2 });
  expect(zoomAxis({ fromMs: HOUR / 8, toMs: (HOUR * 5) / 8 }, 0.5, HOUR / 4, HOUR)).toEqual(WHOLE);
});

test("it shows 5 s at least, and all at most", () => {
  expect(zoomAxis(WHOLE, 1e6, 0, HOUR)).toEqual({ fromMs: 0, toMs: 5_000 });
  expect(zoomAxis(WHOLE, 0.1, 0, HOUR)).toEqual(WHOLE);
  expect(zoomAxis({ fromMs: 0, toMs: 3_000 }, 4, 1_000, 3_000)).toEqual({ fromMs: 0, toMs: 3_000 });
});

test("playing turns the page when it leaves what is shown", () => {
  const shown = { fromMs: 10_000, toMs: 20_000 };
  expect(followAxis(shown, 15_000, HOUR)).toBe(shown);
  expect(followAxis(shown, 20_500, HOUR)).toEqual({ fromMs: 19_500, toMs: 29_500 });
  expect(followAxis(shown, 0, HOUR)).toEqual({ fromMs: 0, toMs: 10_000 });
});

test("whatever is done, what is shown lies within the interaction", () => {
  const step = fc.record({
    factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
    at: fc.nat(HOUR),
    by: fc.integer(),
  });
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: HOUR }), (steps, durationMs) => {
      let shown = { fromMs: 0, toMs: durationMs };
      for (const { factor, at, by } of steps) {
        const length = shown.toMs - shown.fromMs;
        shown = panAxis(shown, by, durationMs);
        expect(shown.toMs - shown.fromMs).toBeCloseTo(length, 3);
        shown = zoomAxis(shown, factor, Math.min(at, durationMs), durationMs);
        expect(shown.fromMs).toBeGreaterThanOrEqual(0);
        expect(shown.toMs).toBeLessThanOrEqual(durationMs + 0.001);
        expect(shown.toMs).toBeGreaterThan(shown.fromMs);
      }
    }),
  );
});

test("marks stand at round times, as many as there is room for", () => {
  expect(axisMarks({ fromMs: 0, toMs: 12_000 }, 8)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000]);
  expect(axisMarks({ fromMs: 61_000, toMs: 181_000 }, 8)).toEqual(
    [75, 90, 105, 120, 135, 150, 165, 180].map((s) => s * 1_000),
  );
  expect(axisMarks(WHOLE, 8)).toHaveLength(7);
});
