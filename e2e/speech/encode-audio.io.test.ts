import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeAudio } from "./decode-audio.ts";
import { encodeAudio } from "./encode-audio.ts";
import { findOnsets } from "./find-onsets.ts";
import { SAMPLE_RATE, type Samples, samplesIn, synthesizeTones } from "./pcm.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const TONE = { toneMs: 60, hz: 1_000 };
const AT_MS = [0, 1_000, 2_333];
const SOUND = synthesizeTones(3_000, { ...TONE, atMs: AT_MS });

/** How many samples later than in the original a tone is, by cross-correlation around it. */
function lagAt(decoded: Samples, atMs: number): number {
  const [from, length] = [samplesIn(atMs), samplesIn(TONE.toneMs)];
  const likeness = (lag: number) => {
    let sum = 0;
    for (let index = from; index < from + length; index += 1) {
      sum += (SOUND[index] ?? 0) * (decoded[index + lag] ?? 0);
    }
    return sum;
  };
  const lags = Array.from({ length: 4_001 }, (_, index) => index - 2_000);
  return lags.reduce((best, lag) => (likeness(lag) > likeness(best) ? lag : best));
}

test.each([
  ["wav", 0],
  ["mp3", 0],
  ["m4a", 1_024], // ffmpeg 5.1 decodes the last AAC frame whole.
] as const)(
  "the first decoded sample of %s is the sound's first, at most %i samples follow its last",
  async (format, extra) => {
    const path = join(folder, `sound.${format}`);
    await writeFile(path, await encodeAudio(SOUND, format));
    const decoded = await decodeAudio(path);
    expect(AT_MS.slice(1).map((at) => lagAt(decoded, at))).toEqual([0, 0]);
    expect(decoded.length).toBeGreaterThanOrEqual(3 * SAMPLE_RATE);
    expect(decoded.length).toBeLessThanOrEqual(3 * SAMPLE_RATE + extra);
    const onsets = findOnsets(decoded);
    expect(onsets.length).toBe(AT_MS.length);
    for (const [index, onset] of onsets.entries())
      expect(Math.abs(onset - (AT_MS[index] ?? 0))).toBeLessThanOrEqual(0.5);
  },
);
