import fc from "fast-check";
import { expect, test } from "vitest";
import { layOutSound, type SoundStretch } from "./lay-out-sound.ts";

/** When the sound begins; 2026-03-02T10:00:00Z. */
const T = 1_772_445_600_000;
/** A row is made minutes after the end. */
const MUCH_LATER = T + 3_600_000;

const rows = (stretches: readonly SoundStretch[]) =>
  stretches.map(({ fromMs, durationMs, afterMs }) => [fromMs, durationMs, afterMs]);

test.each<[string, [number, number][], number[][]]>([
  ["without a pause it is whole", [], [[0, 9_000, 0]]],
  [
    "what comes after a pause is moved back by it",
    [[3_000, 5_000]],
    [
      [0, 3_000, 0],
      [3_000, 6_000, 5_000],
    ],
  ],
  [
    "each of several pauses moves what is after it",
    [
      [7_000, 8_000],
      [3_000, 5_000],
    ],
    [
      [0, 3_000, 0],
      [3_000, 2_000, 5_000],
      [5_000, 4_000, 8_000],
    ],
  ],
  [
    "pauses that overlap or touch are one",
    [
      [3_000, 5_000],
      [4_000, 6_000],
      [6_000, 7_000],
    ],
    [
      [0, 3_000, 0],
      [3_000, 6_000, 7_000],
    ],
  ],
  ["a pause at the start moves all of it", [[-1_000, 2_000]], [[0, 9_000, 2_000]]],
  ["a pause after the last sample is none", [[9_000, 20_000]], [[0, 9_000, 0]]],
  ["a pause that ends before it begins is none", [[5_000, 4_000]], [[0, 9_000, 0]]],
  ["a pause before the start is none", [[-5_000, -1_000]], [[0, 9_000, 0]]],
])("sound of nine seconds: %s", (_title, pauses, expected) => {
  const stretches = layOutSound(
    T,
    9_000,
    pauses.map(([from, to]) => ({ from: T + from, to: T + to })),
    MUCH_LATER,
  );
  expect(rows(stretches)).toEqual(expected);
});

test("a file that would end after its row was made holds its pauses already and is left whole", () => {
  const pauses = [{ from: T + 3_000, to: T + 8_000 }];
  expect(rows(layOutSound(T, 9_000, pauses, T + 10_000))).toEqual([[0, 9_000, 0]]);
  expect(rows(layOutSound(T, 9_000, pauses, T + 12_000))).toHaveLength(2);
});

test("every sample is in one stretch, none in a pause, and stretches and pauses between them add up", () => {
  const ms = fc.integer({ min: -10_000, max: 100_000 });
  const durationMs = fc.double({ min: 1, max: 60_000, noNaN: true });
  fc.assert(
    fc.property(durationMs, fc.array(fc.tuple(ms, ms), { maxLength: 6 }), (fileMs, spans) => {
      const pauses = spans.map(([from, to]) => ({ from: T + from, to: T + to }));
      const stretches = layOutSound(T, fileMs, pauses, MUCH_LATER);
      let inFile = 0;
      let after = 0;
      for (const stretch of stretches) {
        expect(stretch.fromMs).toBe(inFile);
        expect(stretch.durationMs).toBeGreaterThan(0);
        expect(stretch.afterMs).toBeGreaterThanOrEqual(after);
        const [from, to] = [T + stretch.afterMs, T + stretch.afterMs + stretch.durationMs];
        expect(pauses.filter((pause) => pause.to > pause.from && pause.from < to && pause.to > from)).toEqual(
          [],
        );
        inFile += stretch.durationMs;
        after = stretch.afterMs + stretch.durationMs;
      }
      expect(inFile).toBe(Math.round(fileMs));
    }),
  );
});
