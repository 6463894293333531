import { run } from "#shared/runtime/subprocess.ts";

/** A picture of a file: when it is shown, in ms from the file's start, and its mean lightness, 0 to 255. */
export interface PictureLightness {
  ptsMs: number;
  lightness: number;
}

/**
 * How light each picture of a file is.
 *
 * @param crop - the part that is looked at, as ffmpeg's filter has it; absent: all of it.
 */
export async function readLightness(file: string, crop?: string): Promise<PictureLightness[]> {
  // Each picture at the time that the file says.
  const text = await run("ffmpeg", ["-v", "error", "-copyts", "-i", file, ...lightnessOut(crop), "-"]);
  return parseLightness(file, text.toString());
}

/** ffmpeg's arguments for an output that {@link parseLightness} reads. */
export function lightnessOut(crop?: string): string[] {
  const filters = [...(crop === undefined ? [] : [crop]), "scale=1:1:flags=area", "format=gray"];
  return [
    ...["-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "-1"],
    ...["-vf", filters.join(","), "-f", "framecrc"],
  ];
}

export function parseLightness(file: string, text: string): PictureLightness[] {
  const lines = text.trim().split("\n");
  const [, ticks = "", perS = ""] =
    lines.map((line) => /^#tb 0: (\d+)\/(\d+)$/.exec(line)).find(Boolean) ?? [];
  return lines
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const [, , pts, , bytes, sum] = line.split(",").map((field) => field.trim());
      if (bytes !== "1" || sum === undefined) throw new Error(`${file}: not a picture of one pixel: ${line}`);
      // A checksum of one byte is the byte, twice (Adler-32 that begins with 0).
      return { ptsMs: (Number(pts) * Number(ticks) * 1_000) / Number(perS), lightness: Number(sum) & 0xff };
    });
}
