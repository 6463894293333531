import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "#shared/runtime/subprocess.ts";
import type { Samples } from "./pcm.ts";
import { SAMPLE_RATE } from "./pcm.ts";
import { encodeWav } from "./wav-file.ts";

export type AudioFormat = "mp3" | "wav" | "m4a";

/** Bits per second of the lossy formats: what Microsoft's sizing of call recordings comes to (20 min = 10 MB). */
const LOSSY_BIT_RATE = 64_000;

const CODECS: Record<Exclude<AudioFormat, "wav">, readonly string[]> = {
  mp3: ["-c:a", "libmp3lame"],
  m4a: ["-c:a", "aac", "-movflags", "+faststart"],
};

/**
 * Encodes a sound so that the first decoded sample is the sound's first.
 *
 * MP3 and AAC begin with encoder delay. The files say how much to drop (MP3 in its LAME header, which ffmpeg writes
 * only into a seekable file and not into a pipe; M4A in its edit list), and ffmpeg 5.1 drops it: measured, a tone comes
 * back at the very sample where it was put. MP3 also comes back with its exact length, M4A up to one frame longer.
 */
export async function encodeAudio(
  samples: Samples,
  format: AudioFormat,
  signal?: AbortSignal,
): Promise<Buffer> {
  const wav = encodeWav(samples);
  if (format === "wav") return wav;
  const folder = await mkdtemp(join(tmpdir(), "deskreel-encode-"));
  try {
    const [input, output] = [join(folder, "sound.wav"), join(folder, `sound.${format}`)];
    await writeFile(input, wav);
    const coding = [...CODECS[format], "-b:a", String(LOSSY_BIT_RATE), "-map_metadata", "-1"];
    await run("ffmpeg", ["-v", "error", "-i", input, ...coding, output], signal ? { signal } : {});
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The bits per second that {@link encodeAudio} writes. */
export function bitRateOf(format: AudioFormat): number {
  return format === "wav" ? SAMPLE_RATE * 16 : LOSSY_BIT_RATE;
}
