import { run } from "#shared/runtime/subprocess.ts";

const SAMPLE_RATE = 48_000;
/** Full scale is 32768; beeps are far louder than this, codec noise far quieter. */
const LOUD = 3_000;
/** A beep begins where it is loud after at least this much quiet. */
const QUIET_BEFORE_MS = 100;

/** ffmpeg's arguments for an output that {@link findBeeps} reads. */
export const BEEPS_OUT = [
  ...["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0"],
  ...["-ac", "1", "-ar", String(SAMPLE_RATE), "-f", "s16le"],
] as const;

/** When each beep of a file's sound begins, in ms from the file's start. */
export async function readBeeps(file: string): Promise<number[]> {
  // Without -copyts a WebM, whose sound begins with a bit before 0 that is to be skipped, would be moved by it.
  return findBeeps(await run("ffmpeg", ["-v", "error", "-copyts", "-i", file, ...BEEPS_OUT, "-"]));
}

export function findBeeps(pcm: Buffer): number[] {
  const samples = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + (pcm.length & ~1)));
  const beeps: number[] = [];
  let lastLoud = Number.NEGATIVE_INFINITY;
  samples.forEach((sample, index) => {
    if (Math.abs(sample) < LOUD) return;
    if (index - lastLoud > (QUIET_BEFORE_MS * SAMPLE_RATE) / 1_000) beeps.push((index * 1_000) / SAMPLE_RATE);
    lastLoud = index;
  });
  return beeps;
}
