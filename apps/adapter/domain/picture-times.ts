import { readBox } from "./media-length.ts";

/** When the pictures of a file begin, in the order in which they are shown. */
export interface PictureTimes {
  ticksPerSecond: number;
  /** In ticks from the file's beginning. */
  starts: readonly number[];
}

/**
 * From the file's beginning to its first picture, and from each picture to the next one. One that begins with the next
 * one is never shown and left out.
 */
export function pictureDeltas(starts: readonly number[]): number[] {
  return starts
    .filter((start, index) => start !== starts[index + 1])
    .map((start, index, shown) => start - (shown[index - 1] ?? 0));
}

const [MDIA, MINF, STBL] = ["mdia", "minf", "stbl"];

/**
 * When the pictures of an MP4 begin, from its index (ISO/IEC 14496-12).
 *
 * @param moov - the content of its box `moov`.
 * @returns null where the index does not say it in the way that stitching writes it: pictures one after the other in the
 *   order in which they are stored, none of it cut away.
 */
export function readMp4Pictures(moov: Uint8Array): PictureTimes | null {
  const view = new DataView(moov.buffer, moov.byteOffset, moov.byteLength);
  try {
    const whole: Span = { start: 0, end: view.byteLength };
    const video = boxesIn(view, whole).find(({ name, ...track }) => name === "trak" && isVideo(view, track));
    return video === undefined ? null : timesOf(view, video);
  } catch (error) {
    // It ends before what it announces.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The content of a box. */
interface Span {
  start: number;
  end: number;
}

function boxesIn(view: DataView, { start, end }: Span): (Span & { name: string })[] {
  const boxes: (Span & { name: string })[] = [];
  for (let at = start; at < end; ) {
    const { id, ...box } = readBox(view, at);
    const name = String.fromCharCode(id >>> 24, (id >> 16) & 255, (id >> 8) & 255, id & 255);
    boxes.push({ name, ...box });
    at = box.end;
  }
  return boxes;
}

/** Descends along the names; null when one is not there. */
function findBox(view: DataView, within: Span, path: readonly string[]): Span | null {
  let box: Span = within;
  for (const name of path) {
    const found = boxesIn(view, box).find((each) => each.name === name);
    if (found === undefined) return null;
    box = found;
  }
  return box;
}

/** `vide`, after the version with its flags and a field that is always 0. */
function isVideo(view: DataView, track: Span): boolean {
  const handler = findBox(view, track, [MDIA, "hdlr"]);
  return handler !== null && view.getUint32(handler.start + 8) === 0x76696465;
}

function timesOf(view: DataView, track: Span): PictureTimes | null {
  const header = findBox(view, track, [MDIA, "mdhd"]);
  const steps = findBox(view, track, [MDIA, MINF, STBL, "stts"]);
  const isReordered = findBox(view, track, [MDIA, MINF, STBL, "ctts"]) !== null;
  if (header === null || steps === null || isReordered || !isUncut(view, track)) return null;
  const isLong = view.getUint8(header.start) === 1;
  // After the version with its flags, and two dates.
  const ticksPerSecond = view.getUint32(header.start + (isLong ? 20 : 12));
  const starts: number[] = [];
  let time = 0;
  const runs = view.getUint32(steps.start + 4);
  for (let run = 0; run < runs; run += 1) {
    const at = steps.start + 8 + run * 8;
    const [count, ticks] = [view.getUint32(at), view.getUint32(at + 4)];
    for (let index = 0; index < count; index += 1) {
      starts.push(time);
      time += ticks;
    }
  }
  return ticksPerSecond > 0 && starts.length > 0 ? { ticksPerSecond, starts } : null;
}

/** Whether the track's edit list, if there is one, begins at its first picture. */
function isUncut(view: DataView, track: Span): boolean {
  const list = findBox(view, track, ["edts", "elst"]);
  if (list === null) return true;
  const isLong = view.getUint8(list.start) === 1;
  const at = list.start + 8 + (isLong ? 8 : 4);
  const from = isLong ? Number(view.getBigInt64(at)) : view.getInt32(at);
  return view.getUint32(list.start + 4) === 1 && from === 0;
}
