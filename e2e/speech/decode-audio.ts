import { run } from "#shared/runtime/subprocess.ts";
import { SAMPLE_RATE, type Samples } from "./pcm.ts";

/** Decodes the sound of any media file with ffmpeg to mono samples of {@link SAMPLE_RATE}. */
export async function decodeAudio(path: string, signal?: AbortSignal): Promise<Samples> {
  const output = ["-map", "0:a:0", "-ac", "1", "-ar", String(SAMPLE_RATE), "-f", "s16le", "pipe:1"];
  const bytes = await run("ffmpeg", ["-v", "error", "-i", path, ...output], signal ? { signal } : {});
  // A copy, since a pooled Buffer may begin at an odd address, where no Int16Array can.
  return new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
}
