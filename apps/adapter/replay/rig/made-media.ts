import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeOnce } from "../../rig/made-once.ts";

/** A file as a manifest lists it. */
export interface ListedFile {
  name: string;
  bytes: number;
  sha256: string;
}

/** A VP9 MP4 of a test picture with a running clock, with a tone as its own slice of audio, as stitched screens are. */
export async function makeScreen(
  folder: string,
  name: string,
  durationS: number,
  size = "640x360",
): Promise<ListedFile> {
  await makeOnce(join(folder, name), [
    ...["-f", "lavfi", "-i", `testsrc=size=${size}:rate=5:duration=${durationS}`],
    ...["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=48000:duration=${durationS}`],
    ...["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "25"],
    ...["-c:a", "aac", "-b:a", "48k", "-movflags", "+faststart"],
  ]);
  return await listFile(folder, name);
}

/** An M4A with a beep in every second. */
export async function makeAudio(folder: string, name: string, durationS: number): Promise<ListedFile> {
  const beeps = `sine=frequency=880:beep_factor=2:sample_rate=48000:duration=${durationS}`;
  await makeOnce(join(folder, name), ["-f", "lavfi", "-i", beeps, "-c:a", "aac", "-b:a", "48k"]);
  return await listFile(folder, name);
}

/** Its two sides are two tones. */
export const SIDES_HZ = [450, 1_800] as const;

/** An M4A with a tone of its own on each side. */
export async function makeSides(folder: string, name: string, durationS: number): Promise<ListedFile> {
  const sources = SIDES_HZ.flatMap((hz) => [
    ...["-f", "lavfi", "-i", `sine=frequency=${hz}:sample_rate=48000:duration=${durationS}`],
  ]);
  await makeOnce(join(folder, name), [
    ...[...sources, "-filter_complex", "[0][1]join=inputs=2:channel_layout=stereo"],
    ...["-c:a", "aac", "-b:a", "128k"],
  ]);
  return await listFile(folder, name);
}

/** A screen with upright stripes of so many pixels, without any loss. */
export async function makeStripes(
  folder: string,
  name: string,
  durationS: number,
  pixels: number,
): Promise<ListedFile> {
  const stripes = `color=size=640x360:rate=5:duration=${durationS},format=yuv420p,geq=lum='16+219*mod(floor(X/${pixels}),2)':cb=128:cr=128`;
  await makeOnce(join(folder, name), [
    ...["-f", "lavfi", "-i", stripes],
    ...["-c:v", "libvpx-vp9", "-lossless", "1", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"],
    ...["-movflags", "+faststart"],
  ]);
  return await listFile(folder, name);
}

/** Into each picture its number is written, a white square for each bit that is set, the highest first. */
export const NUMBERED = { cell: 32, bits: 5 } as const;
/**
 * When numbered pictures begin, in thirtieths of a second: as fast as screens are recorded at most, then with long and short
 * stretches in which nothing changes; the last one stays for no longer than any.
 */
export const NUMBERED_AT = [0, 1, 2, 3, 4, 5, 20, 21, 29, 50, 51, 52, 80, 88, 89] as const;

/** A screen of three seconds whose pictures say which one they are; VP9 in an MP4, VP8 in a WebM. */
export async function makeNumbered(folder: string, name: string): Promise<ListedFile> {
  const { cell, bits } = NUMBERED;
  const taken = NUMBERED_AT.map((at) => `eq(n,${at})`).join("+");
  const boxes = Array.from({ length: bits }, (_, bit) => {
    const x = (bits - 1 - bit) * cell;
    return `drawbox=x=${x}:y=0:w=${cell}:h=${cell}:c=white:t=fill:enable='mod(floor(n/${2 ** bit}),2)'`;
  });
  const source = `color=black:r=30:d=3:s=${bits * cell}x${cell},select='${taken}',${boxes.join(",")}`;
  const codec = name.endsWith(".webm") ? "libvpx" : "libvpx-vp9";
  await makeOnce(join(folder, name), [
    ...["-f", "lavfi", "-i", source, "-vsync", "vfr", "-video_track_timescale", "16000"],
    ...["-c:v", codec, "-deadline", "realtime", "-cpu-used", "8", "-g", "9", "-movflags", "+faststart"],
  ]);
  return await listFile(folder, name);
}

export async function listFile(folder: string, name: string): Promise<ListedFile> {
  const content = await readFile(join(folder, name));
  return { name, bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}
