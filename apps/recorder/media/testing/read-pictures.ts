import { run } from "#shared/runtime/subprocess.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** A picture as a decoder makes it of a file. */
export interface DecodedPicture {
  /** From the file's beginning. */
  atMs: DurationMs;
  /** md5 of its pixels: equal for equal pictures, whatever file they are in. */
  pixels: string;
}

/**
 * The pictures of each file, by one decoder for all: its start takes longer than all that it does here.
 *
 * @throws Error when the decoder complains about anything.
 */
export async function decodePictures(files: readonly string[]): Promise<DecodedPicture[][]> {
  if (files.length === 0) return [];
  const strict = ["-err_detect", "crccheck+bitstream+buffer+explode"];
  const inputs = files.flatMap((file) => [...strict, "-i", file]);
  const streams = files.flatMap((_, index) => ["-map", `${index}:v:0`]);
  // Each picture at its own time: without it ffmpeg moves pictures to the grid of a frame rate that it guesses.
  const ownTimes = ["-fps_mode", "passthrough", "-enc_time_base", "1:1000"];
  const script = `ffmpeg -v warning "$@" -f framemd5 - 2>&1 || echo "ffmpeg ended with $?"`;
  const told = (await run("sh", ["-c", script, "sh", ...inputs, ...streams, ...ownTimes])).toString();
  const pictures: DecodedPicture[][] = files.map(() => []);
  for (const line of told.trim().split("\n")) {
    if (line.startsWith("#")) continue;
    const [stream, , pts, , , pixels] = line.split(",").map((field) => field.trim());
    const ofFile = pictures[Number(stream)];
    if (ofFile === undefined || pixels === undefined) throw new Error(`${files.join(", ")}: ${told}`);
    ofFile.push({ atMs: Number(pts), pixels });
  }
  return pictures;
}
