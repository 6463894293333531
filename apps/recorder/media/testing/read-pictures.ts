import { run } from "#shared/runtime/subprocess.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** A picture as a decoder makes it of a file. */
export interface DecodedPicture {
  /** From the file's beginning. */
  atMs: DurationMs;
  /** md5 of its pixels: equal for equal pictures, whatever file they are in. */
  pixels: string;
}

/** @throws Error when the decoder complains about anything. */
export async function decodePictures(file: string): Promise<DecodedPicture[]> {
  // Each picture at its own time: without it ffmpeg moves pictures to the grid of a frame rate that it guesses.
  const ownTimes = "-fps_mode passthrough -enc_time_base 1:1000";
  const strict = "-v warning -err_detect crccheck+bitstream+buffer+explode";
  const script = `ffmpeg ${strict} -i "$1" -map 0:v:0 ${ownTimes} -f framemd5 - 2>&1 || echo "ffmpeg ended with $?"`;
  const told = (await run("sh", ["-c", script, "sh", file])).toString().trim().split("\n");
  const lines = told.filter((line) => !line.startsWith("#"));
  return lines.map((line) => {
    const [stream, , pts, , , pixels] = line.split(",").map((field) => field.trim());
    if (stream !== "0" || pixels === undefined) throw new Error(`${file}: ${told.join("\n")}`);
    return { atMs: Number(pts), pixels };
  });
}
