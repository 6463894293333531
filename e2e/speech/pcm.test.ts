import fc from "fast-check";
import { expect, test } from "vitest";
import { findOnsets } from "./find-onsets.ts";
import {
  epochMultiples,
  placeSound,
  SAMPLE_RATE,
  samplesIn,
  silence,
  synthesizeBeeps,
  synthesizeTones,
} from "./pcm.ts";
import { encodeWav } from "./wav-file.ts";

const START = Date.UTC(2026, 2, 2, 10);

test("a beep begins at the very sample of each wall-clock multiple, whatever the start", () => {
  fc.assert(
    fc.property(fc.nat(60_000), fc.integer({ min: 200, max: 3_000 }), (offset, everyMs) => {
      const startsAt = START + offset;
      const sound = synthesizeBeeps(startsAt, 5_000, { everyMs, beepMs: 60, hz: 1_000 });
      expect(sound.length).toBe(5 * SAMPLE_RATE);
      const expected = epochMultiples(startsAt, startsAt + 5_000, everyMs).map((at) => at - startsAt);
      const isRunning = startsAt % everyMs !== 0 && startsAt % everyMs < 59;
      expect(findOnsets(sound).slice(isRunning ? 1 : 0)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test("a beep that began before the sound is heard to its end", () => {
  const sound = synthesizeBeeps(START + 20, 100, { everyMs: 1_000, beepMs: 60, hz: 1_000 });
  expect(findOnsets(sound)[0]).toBeLessThan(1);
  expect([...sound.subarray(samplesIn(40))].every((sample) => sample === 0)).toBe(true);
});

test("tones begin where they are put", () => {
  const sound = synthesizeTones(1_000, { atMs: [0, 333, 900], toneMs: 50, hz: 440 });
  expect(findOnsets(sound)).toEqual([0, 333, 900]);
});

test("a sound that does not fit is cut", () => {
  const into = silence(1);
  placeSound(into, new Int16Array(20).fill(7), 10);
  placeSound(into, new Int16Array(20).fill(9), 99);
  expect([...into]).toEqual([...Array<number>(10).fill(0), ...Array<number>(6).fill(7)]);
});

test("a WAV file has the header of 16-bit mono PCM and the samples as they are", () => {
  const file = encodeWav(new Int16Array([1, -2, 32_767]));
  expect(file.toString("latin1", 0, 4) + file.toString("latin1", 8, 16)).toBe("RIFFWAVEfmt ");
  expect([file.readUInt32LE(4), file.readUInt32LE(24), file.readUInt32LE(40), file.length]).toEqual([
    42, 16_000, 6, 50,
  ]);
  expect([file.readInt16LE(44), file.readInt16LE(46), file.readInt16LE(48)]).toEqual([1, -2, 32_767]);
});
