import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { makeOnce } from "./made-once.ts";
import { type PictureLightness, readLightness } from "./read-lightness.ts";

/** Of made screens. */
export const FRAMES_PER_SECOND = 25;
const FLASH_MS = 200;

/** How a codec's segments are encoded and what they are. */
const SEGMENT_OUT: Record<Codec, readonly string[]> = {
  av1: ["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-f", "webm"],
  vp9: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm"],
  h264: ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-f", "matroska"],
  vp8: ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm"],
};

/** What a made screen is beside its flashes. */
interface ScreenLook {
  codec?: Codec;
  size?: string;
  framesPerSecond?: number;
  /** Pictures that the network lost; the one after them is a key frame. Multiples of 40 ms from the segment's start. */
  lost?: readonly [from: DurationMs, to: DurationMs][];
}

/**
 * A black screen that turns white for 200 ms at each given time, as an SCN segment: a key frame at its beginning and after
 * each loss, and no other.
 *
 * @param flashesMs - from the segment's start, so that a picture begins there: multiples of 40 ms.
 */
export async function makeScreen(
  folder: string,
  durationMs: DurationMs,
  flashesMs: readonly DurationMs[],
  { codec = "vp9", size = "160x96", framesPerSecond = FRAMES_PER_SECOND, lost = [] }: ScreenLook = {},
): Promise<Buffer> {
  const path = join(folder, "screen.scn");
  const flashes = flashesMs.map(
    (at) =>
      `drawbox=c=white:t=fill:enable='between(t,${at / 1_000 - 0.001},${(at + FLASH_MS) / 1_000 - 0.01})'`,
  );
  const source = `color=black:s=${size}:r=${framesPerSecond}:d=${durationMs / 1_000}`;
  await makeOnce(path, [
    ...["-f", "lavfi", "-i", [source, ...flashes].join(",")],
    ...["-pix_fmt", "yuv420p", "-g", "9999", ...keysAfter(lost), ...dropping(lost, framesPerSecond)],
    ...SEGMENT_OUT[codec],
  ]);
  return readFile(path);
}

function dropping(lost: NonNullable<ScreenLook["lost"]>, framesPerSecond: number): string[] {
  const isLost = lost
    .map((span) => span.map((ms) => (ms * framesPerSecond) / 1_000))
    .map(([from, to]) => `gte(n,${from})*lt(n,${to})`)
    .join("+");
  return isLost === "" ? [] : ["-bsf:v", `noise=drop='${isLost}'`];
}

function keysAfter(lost: NonNullable<ScreenLook["lost"]>): string[] {
  const times = lost.map(([, to]) => to / 1_000).join(",");
  return times === "" ? [] : ["-force_key_frames", times];
}

/**
 * Sound with a 100 ms beep at each given time.
 *
 * @param beepsMs - from the sound's start.
 */
export async function makeSound(
  folder: string,
  format: "mp3" | "wav",
  durationMs: DurationMs,
  beepsMs: readonly DurationMs[],
): Promise<Buffer> {
  const path = join(folder, `sound.${format}`);
  const isOn = beepsMs.map((at) => `between(t,${at / 1_000},${at / 1_000 + 0.1})`).join("+") || "0";
  // Begins at the wave's crest, so that the first loud sample is the first one.
  const source = `aevalsrc='0.8*cos(2*PI*1000*t)*(${isOn})':s=${format === "mp3" ? 44_100 : 16_000}:d=${durationMs / 1_000}`;
  await makeOnce(path, ["-f", "lavfi", "-i", source]);
  return readFile(path);
}

/** When each flash of a file begins, in ms from the file's start: the first picture that is light after a dark one. */
export async function readFlashes(file: string): Promise<number[]> {
  return findFlashes(await readLightness(file));
}

export function findFlashes(pictures: readonly PictureLightness[]): number[] {
  const isLight = (index: number) => (pictures[index]?.lightness ?? 0) > 127;
  return pictures.filter((_, index) => isLight(index) && !isLight(index - 1)).map(({ ptsMs }) => ptsMs);
}
