import { expect, test } from "vitest";
import { decodePeaks, findSilences, peakColumns, type Peaks } from "./peaks.ts";

const encode = (values: readonly number[]) => btoa(String.fromCharCode(...values));

function stored(...channels: (readonly number[])[]): unknown {
  return {
    format: "deskreel.peaks/1",
    durationMs: 1_000,
    perSecond: 20,
    channels: channels.map((values) => ({ peaks: encode(values) })),
  };
}

test("peaks are a byte for each twentieth of a second and channel", () => {
  const peaks = decodePeaks(stored([0, 128, 255], [1, 2, 3]));
  expect(peaks.perSecond).toBe(20);
  expect(peaks.channels.map((channel) => [...channel])).toEqual([
    [0, 128, 255],
    [1, 2, 3],
  ]);
});

test("peaks of another format are refused", () => {
  expect(() => decodePeaks({ format: "deskreel.peaks/2", perSecond: 20, channels: [] })).toThrow(/peaks\/1/);
  expect(() => decodePeaks({ format: "deskreel.peaks/1", perSecond: 0, channels: [] })).toThrow();
});

test.each([
  ["fewer columns than values: the loudest of each", 0, 400, 2, [7, 9]],
  ["as many: each", 0, 400, 8, [1, 7, 2, 0, 3, 9, 4, 5]],
  ["more: each again", 0, 100, 4, [1, 1, 7, 7]],
  ["a part of it", 200, 400, 2, [9, 5]],
  ["beyond its end there is nothing", 350, 450, 2, [5, 0]],
])("columns of a stretch, %s", (_title, fromMs, toMs, columns, expected) => {
  const channel = Uint8Array.of(1, 7, 2, 0, 3, 9, 4, 5);
  expect([...peakColumns(channel, 20, { fromMs, toMs }, columns)]).toEqual(expected);
});

/** A value for each 100 ms. */
function loudness(...channels: number[][]): Peaks {
  return { perSecond: 10, channels: channels.map((values) => Uint8Array.from(values)) };
}

test("a silence is long enough, within the sound, and silent on every side", () => {
  const ann = [200, 200, 1, 1, 1, 1, 200, 200, 1, 200, 0, 0, 0, 0];
  const whole = [{ fromMs: 0, toMs: 1_400 }];
  expect(findSilences(loudness(ann), whole, 300)).toEqual([
    { fromMs: 200, toMs: 600 },
    { fromMs: 1_000, toMs: 1_400 },
  ]);
  // Without sound the end is no silence.
  expect(findSilences(loudness(ann), [{ fromMs: 0, toMs: 1_000 }], 300)).toEqual([
    { fromMs: 200, toMs: 600 },
  ]);
  const bob = ann.map((_, index) => (index === 3 ? 90 : 0));
  expect(findSilences(loudness(ann, bob), [{ fromMs: 0, toMs: 1_000 }], 300)).toEqual([]);
});

test("what is quiet goes by how loud the speech is", () => {
  const murmur = [20, 20, 2, 2, 2, 2, 20, 20];
  expect(findSilences(loudness(murmur), [{ fromMs: 0, toMs: 800 }], 300)).toEqual([
    { fromMs: 200, toMs: 600 },
  ]);
  const noise = [20, 20, 5, 5, 5, 5, 20, 20];
  expect(findSilences(loudness(noise), [{ fromMs: 0, toMs: 800 }], 300)).toEqual([]);
});
