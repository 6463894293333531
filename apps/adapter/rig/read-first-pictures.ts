import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#shared/runtime/subprocess.ts";

/** Mean and greatest lightness of the first picture of each input, 0 to 255; by one ffmpeg, which takes long to start. */
export async function readFirstPictures(
  folder: string,
  inputs: readonly string[][],
): Promise<{ mean: number; most: number }[]> {
  const files = inputs.map((_, index) => join(folder, `gray-${index}`));
  const outputs = files.flatMap((file, index) => [
    ...["-map", `${index}:v:0`, "-frames:v", "1", "-vf", "format=gray", "-f", "rawvideo", file],
  ]);
  await run("ffmpeg", ["-v", "error", "-y", ...inputs.flat(), ...outputs]);
  const pictures = await Promise.all(files.map((file) => readFile(file)));
  return pictures.map((gray) => ({
    mean: gray.reduce((sum, value) => sum + value, 0) / gray.length,
    most: gray.reduce((most, value) => Math.max(most, value), 0),
  }));
}
