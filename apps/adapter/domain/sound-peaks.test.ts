import fc from "fast-check";
import { expect, test } from "vitest";
import { peaksSchema } from "#shared/archive/peaks.ts";
import { SoundPeaks } from "./sound-peaks.ts";

/** Samples of each stretch at one sample each ms. */
const STRETCH = 50;

function bytesOf(samples: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [index, sample] of samples.entries()) view.setInt16(index * 2, sample, true);
  return bytes;
}

function valuesOf(peaks: SoundPeaks): number[][] {
  return peaksSchema
    .parse(peaks.finish())
    .channels.map(({ peaks: text }) => [...Buffer.from(text, "base64")]);
}

function peaksOf(samples: readonly number[], durationMs = samples.length): number[] | undefined {
  const peaks = new SoundPeaks(durationMs, 1, 1);
  peaks.open(0, { from: 0, to: samples.length })(bytesOf(samples));
  return valuesOf(peaks)[0];
}

const loud = (sample: number) => [...Array<number>(STRETCH - 1).fill(0), sample];

test.each([
  ["silence", 0, 0],
  ["the softest sample", 1, 1],
  ["the softest one below 0", -1, 1],
  ["half of full scale", 16_384, 128],
  ["what was clipped", 32_767, 255],
  ["what was clipped below 0", -32_768, 255],
])("%s is %i as a sample and %i as a peak", (_what, sample, peak) => {
  expect(peaksOf(loud(sample))).toEqual([peak]);
});

test("a loud sample counts in its stretch only, and the last stretch may be short", () => {
  const samples = [...loud(0), ...loud(32_767), 20_000];
  expect(peaksOf(samples)).toEqual([0, 255, Math.ceil((20_000 * 255) / 32_768)]);
});

test("a sound that its decoder ends early is silent from there on, and one that goes on is cut off", () => {
  expect(peaksOf(loud(32_767), 3 * STRETCH)).toEqual([255, 0, 0]);
  expect(peaksOf([...loud(0), ...loud(32_767)], STRETCH)).toEqual([0]);
});

test("nothing has no peak", () => {
  expect(valuesOf(new SoundPeaks(0, 16, 2))).toEqual([[], []]);
});

test("whatever the cuts between chunks and pieces, both sides have the peaks that looking at all samples gives", () => {
  const sample = fc.integer({ min: -32_768, max: 32_767 });
  const sound = fc.array(fc.tuple(sample, sample), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(sound, fc.array(fc.nat(3_000)), fc.nat(400), (frames, cuts, half) => {
      const peaks = new SoundPeaks(frames.length, 1, 2);
      const meets = Math.min(half, frames.length);
      const lead = Math.max(0, meets - 7);
      for (const [from, to, heard] of [
        // Samples beyond what is heard are the other piece's: here they are far too loud.
        [0, meets + 5, { from: 0, to: meets }],
        [lead, frames.length, { from: meets, to: frames.length }],
      ] as const) {
        const given = frames
          .slice(from, to)
          .flatMap((both, index) =>
            from + index >= heard.from && from + index < heard.to ? both : [32_767, -32_768],
          );
        const bytes = bytesOf(given);
        const take = peaks.open(from, heard);
        const ends = [...cuts, bytes.length].filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b);
        for (const [index, end] of ends.entries()) take(bytes.subarray(ends[index - 1] ?? 0, end));
      }
      const expected = [0, 1].map((side) =>
        Array.from({ length: Math.ceil(frames.length / STRETCH) }, (_, stretch) => {
          const part = frames.slice(stretch * STRETCH, (stretch + 1) * STRETCH);
          return Math.ceil((Math.max(...part.map((both) => Math.abs(both[side] ?? 0))) * 255) / 32_768);
        }),
      );
      expect(valuesOf(peaks)).toEqual(expected);
    }),
  );
});
