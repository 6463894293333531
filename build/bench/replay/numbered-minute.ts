import { rm } from "node:fs/promises";
import { run } from "#shared/runtime/subprocess.ts";
import { MOST_PICTURES_WITHOUT_KEY } from "../../../apps/recorder/scn/segment-cut.ts";

/** Pictures of the minute; a picture's number is written into it, so that what a player shows can be told. */
export const NUMBERED = {
  framesPerSecond: 5,
  width: 1_920,
  height: 1_080,
  /** Of one bit, a square. */
  cell: 32,
  bits: 10,
  left: 64,
  top: 64,
} as const;

const SEGMENT_S = 60;

/** What is typed, in pictures of its own; all the rest changes at once, every so many seconds. */
const LINE = { width: 640, height: 48, left: 600, top: 700 };
const PAGE_EVERY_S = 6;

/**
 * A minute of a busy screen as the recorder's segments are: somebody types all the time and changes the window every six
 * seconds, 400 kbit/s; key pictures as often as the recorder asks for them.
 *
 * @param path - of the segment, `.webm` or `.scn`.
 */
export async function makeNumberedMinute(path: string): Promise<void> {
  const { framesPerSecond, width, height, cell, bits, left, top } = NUMBERED;
  const room = `drawbox=x=${left - cell}:y=${top - cell}:w=${(bits + 2) * cell}:h=${3 * cell}:c=black:t=fill`;
  const boxes = Array.from({ length: bits }, (_, bit) => {
    const x = left + (bits - 1 - bit) * cell;
    return `drawbox=x=${x}:y=${top}:w=${cell}:h=${cell}:c=white:t=fill:enable='mod(floor(n/${2 ** bit}),2)'`;
  });
  const source = `testsrc2=r=${framesPerSecond}:d=${SEGMENT_S}`;
  const page = `${source}:s=${width}x${height},fps=1/${PAGE_EVERY_S},fps=${framesPerSecond}[page]`;
  const line = `${source}:s=${LINE.width}x${LINE.height}[line]`;
  const both = `[page][line]overlay=${LINE.left}:${LINE.top},trim=duration=${SEGMENT_S}`;
  await rm(path, { force: true });
  await run("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", `${page};${line};${[both, room, ...boxes].join(",")}`],
    ...["-pix_fmt", "yuv420p", "-g", String(MOST_PICTURES_WITHOUT_KEY), "-b:v", "400k"],
    ...["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm", path],
  ]);
}
