import fc from "fast-check";
import { expect, test } from "vitest";
import { picturesSchema } from "#shared/archive/pictures.ts";
import { pictureDeltas } from "../../../domain/picture-times.ts";
import { decodePictures, pictureBeside } from "./pictures.ts";

const FILE = "screen-1.mp4";
const stored = (deltas: unknown, ticksPerSecond: unknown = 1_000) => ({
  format: "deskreel.pictures/1",
  screens: [{ file: FILE, ticksPerSecond, deltas }],
});
const decoded = (...values: Parameters<typeof stored>) => [
  ...(decodePictures(stored(...values)).get(FILE) ?? []),
];

test.each<[string, number[], number, number[]]>([
  ["each counts from the one before", [0, 200, 200, 400], 1_000, [0, 200, 400, 800]],
  ["ticks are not rounded", [0, 533, 534], 16_000, [0, 33.3125, 66.6875]],
  ["a first one that comes late", [80, 20], 1_000, [80, 100]],
  ["what flashes by is passed over", [0, 200, 1, 1, 200], 1_000, [0, 202, 402]],
])("%s", (_what, deltas, ticksPerSecond, expected) => {
  expect(decoded(deltas, ticksPerSecond)).toEqual(expected);
});

test.each<[string, unknown]>([
  ["nothing", null],
  ["another format", { ...stored([0]), format: "deskreel.pictures/2" }],
  ["no screens", { format: "deskreel.pictures/1" }],
  ["a screen that is none", { format: "deskreel.pictures/1", screens: [null] }],
  ["no clock", stored([0], 0)],
  ["no times", stored("0,200")],
  ["a text among the times", stored([0, "200"])],
  ["time that runs back", stored([0, 200, -1])],
])("%s is refused", (_what, content) => {
  expect(() => decodePictures(content)).toThrow(/pictures\.json/);
});

const THREE = Float64Array.of(0, 33.3125, 200);

test.each<[string, Float64Array | null, number, 1 | -1, number | null]>([
  ["the next one", THREE, 0, 1, 34.3125],
  ["the next one, from the last moment of one", THREE, 33.3, 1, 34.3125],
  ["the next one, from what a browser calls its beginning", THREE, 33.312, 1, 201],
  ["the one before", THREE, 299, -1, 34.3125],
  ["the one before, from the beginning of one", THREE, 200, -1, 34.3125],
  ["none before the first", THREE, 20, -1, null],
  ["none after the last", THREE, 250, 1, null],
  ["the first, from before it", THREE.subarray(1), 3, 1, 34.3125],
  ["none before one that comes late", THREE.subarray(1), 3, -1, null],
  ["a usual step where nobody knows", null, 20, 1, 220],
  ["a usual step back", null, 260, -1, 60],
  ["the beginning, from near it", null, 60, -1, 0],
  ["nothing before the beginning", null, 0, -1, null],
  ["nothing after the end", null, 250, 1, null],
])("a step leads to %s", (_what, starts, atMs, way, expected) => {
  expect(pictureBeside(starts, atMs, way, 300)).toBe(expected);
});

test("whatever the times, steps show each picture once, there and back", () => {
  const ticks = fc.uniqueArray(fc.nat(2_000), { minLength: 1, maxLength: 40 });
  const clocks = fc.constantFrom(500, 90);
  fc.assert(
    fc.property(ticks, clocks, (unordered, ticksPerSecond) => {
      const starts = unordered.toSorted((a, b) => a - b);
      const content = picturesSchema.parse(stored(pictureDeltas(starts), ticksPerSecond));
      const times = decodePictures(content).get(FILE) ?? null;
      expect([...(times ?? [])]).toEqual(starts.map((start) => (start * 1_000) / ticksPerSecond));
      const durationMs = ((starts.at(-1) ?? 0) / ticksPerSecond) * 1_000 + 10;
      // Which picture a browser shows at a moment.
      const shownAt = (atMs: number) => (times ?? []).findLastIndex((start) => start <= atMs);
      const walk = (from: number, way: 1 | -1) => {
        const seen: number[] = [];
        for (let at: number | null = from; at !== null; at = pictureBeside(times, at, way, durationMs))
          seen.push(shownAt(at));
        return seen;
      };
      const all = starts.map((_, index) => index);
      expect(walk((times?.[0] ?? 0) + 0.5, 1)).toEqual(all);
      expect(walk(durationMs - 0.5, -1)).toEqual(all.toReversed());
    }),
  );
});
