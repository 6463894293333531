import { run } from "#shared/runtime/subprocess.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { BAR_CODE_CELLS, decodeBarCode } from "../screen/bar-code.ts";
import { BAR_CODE, LAMP } from "../screen/layout.ts";
import { readLightness } from "../../apps/adapter/rig/read-lightness.ts";

/** A picture of a file: when it is shown (ms from the file's start) and what the test screen said in it. */
export interface ReadPicture<Value> {
  ptsMs: number;
  value: Value;
}

/**
 * What each picture's bar code says; null where it cannot be read.
 *
 * @param screen - whose code it is, where there are several.
 */
export async function readBarCodes(file: string, screen = 0): Promise<ReadPicture<EpochMs | null>[]> {
  const { left, top, cell } = BAR_CODE;
  const crop = `crop=${BAR_CODE_CELLS * cell}:${cell}:${left}:${top + cell},scale=${BAR_CODE_CELLS}:1:flags=area`;
  return readPictures(file, crop, BAR_CODE_CELLS, (cells) =>
    decodeBarCode(
      Array.from(cells, (grey) => grey > 127),
      screen,
    ),
  );
}

/** Whether the lamp is lit in each picture. */
export async function readLamp(file: string): Promise<ReadPicture<boolean>[]> {
  const { left, top, width, height } = LAMP;
  const crop = `crop=${width - 20}:${height - 20}:${left + 10}:${top + 10}`;
  return (await readLightness(file, crop)).map(({ ptsMs, lightness }) => ({ ptsMs, value: lightness > 127 }));
}

async function readPictures<Value>(
  file: string,
  filter: string,
  bytesPerPicture: number,
  read: (cells: Uint8Array) => Value,
): Promise<ReadPicture<Value>[]> {
  const [times, grey] = await Promise.all([
    pictureTimes(file),
    run("ffmpeg", [
      ...["-v", "error", "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough"],
      ...["-vf", `${filter},format=gray`, "-f", "rawvideo", "-"],
    ]),
  ]);
  if (grey.length !== times.length * bytesPerPicture) {
    throw new Error(`${file}: ${times.length} pictures are listed, ${grey.length / bytesPerPicture} decode`);
  }
  return times.map((ptsMs, index) => ({
    ptsMs,
    value: read(grey.subarray(index * bytesPerPicture, (index + 1) * bytesPerPicture)),
  }));
}

/** When each picture of a file is shown, in ms. */
async function pictureTimes(file: string): Promise<number[]> {
  const text = await run("ffprobe", [
    ...["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", file],
  ]);
  return text
    .toString()
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => Number.parseFloat(line) * 1_000);
}
