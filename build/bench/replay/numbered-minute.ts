import { rm } from "node:fs/promises";
import { run } from "#shared/runtime/subprocess.ts";
import { MOST_PICTURES_WITHOUT_KEY } from "../../../apps/recorder/scn/segment-cut.ts";

/** Into each picture its number is written, so that what a player shows can be told. */
export const NUMBERED = {
  width: 1_920,
  height: 1_080,
  /** Of one bit, a square. */
  cell: 32,
  bits: 10,
  left: 64,
  top: 64,
} as const;

const SEGMENT_S = 60;

/** A monitor that is worked on, and the one beside it, of which no picture comes while it does not change. */
export const MINUTES = {
  busy: { pictureMs: 200, pictures: 300 },
  calm: { pictureMs: 6_000, pictures: 10 },
} as const;
export type MinuteKind = keyof typeof MINUTES;

/** What is typed, in pictures of its own; all the rest changes at once. */
const LINE = { width: 640, height: 48, left: 600, top: 700 };

/**
 * A minute of a screen as the recorder's segments are, 400 kbit/s at most: the window changes every six seconds, and on the
 * busy one somebody types all the time. Key pictures come as often as the recorder asks for them.
 *
 * @param path - of the segment, `.webm` or `.scn`.
 */
export async function makeNumberedMinute(path: string, kind: MinuteKind): Promise<void> {
  const { width, height, cell, bits, left, top } = NUMBERED;
  const room = `drawbox=x=${left - cell}:y=${top - cell}:w=${(bits + 2) * cell}:h=${3 * cell}:c=black:t=fill`;
  const boxes = Array.from({ length: bits }, (_, bit) => {
    const x = left + (bits - 1 - bit) * cell;
    return `drawbox=x=${x}:y=${top}:w=${cell}:h=${cell}:c=white:t=fill:enable='mod(floor(n/${2 ** bit}),2)'`;
  });
  const numbered = [room, ...boxes].join(",");
  const page = `testsrc2=r=1000/${MINUTES.calm.pictureMs}:d=${SEGMENT_S}:s=${width}x${height}`;
  const rate = `1000/${MINUTES.busy.pictureMs}`;
  const line = `testsrc2=r=${rate}:d=${SEGMENT_S}:s=${LINE.width}x${LINE.height}`;
  const typed = `[page][line]overlay=${LINE.left}:${LINE.top},trim=duration=${SEGMENT_S}`;
  const source = {
    busy: `${page},fps=${rate}[page];${line}[line];${typed},${numbered}`,
    calm: `${page},${numbered}`,
  }[kind];
  await rm(path, { force: true });
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", source],
    ...["-pix_fmt", "yuv420p", "-g", String(MOST_PICTURES_WITHOUT_KEY), "-b:v", "400k"],
    ...["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm", path],
  ]);
}
