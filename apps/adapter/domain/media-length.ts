import type { DurationMs } from "#shared/time/units.ts";

/** Bytes from a file's beginning that are enough: its length stands before its index. */
export const LENGTH_HEAD_BYTES = 4_096;

/**
 * A finished file's length as players show it, in whole ms, from its own header: of an MP4 whose index is in front (ISO/IEC
 * 14496-12, 8.2.2), or of a WebM (RFC 9559, 5.1.2). Asking ffprobe takes as long as joining half a minute.
 *
 * @param head - the file's beginning, at least {@link LENGTH_HEAD_BYTES} of it if it has so many.
 * @returns null when it says none.
 */
export function readMediaLength(head: Uint8Array): DurationMs | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    const durationMs = view.getUint32(0) === EBML ? webmLength(view) : mp4Length(view);
    return durationMs !== null && Number.isFinite(durationMs) ? Math.round(durationMs) : null;
  } catch (error) {
    // It ends before what it announces.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What has a name, a size and content, in either format; `start` and `end` are its content's. */
interface Part {
  id: number;
  start: number;
  end: number;
}

/** Descends along the ids; null when one is not there. */
function find(
  view: DataView,
  path: readonly number[],
  readPart: (view: DataView, at: number) => Part,
): Part | null {
  let within: Part = { id: 0, start: 0, end: view.byteLength };
  for (const id of path) {
    let at = within.start;
    let part = readPart(view, at);
    while (part.id !== id) {
      at = part.end;
      if (at >= within.end) return null;
      part = readPart(view, at);
    }
    within = part;
  }
  return within;
}

const [MOOV, MVHD] = [0x6d6f6f76, 0x6d766864];

function mp4Length(view: DataView): number | null {
  const header = find(view, [MOOV, MVHD], readBox);
  if (header === null) return null;
  const isLong = view.getUint8(header.start) === 1;
  // After the version with its flags, and two dates.
  const at = header.start + (isLong ? 20 : 12);
  const ticks = isLong ? Number(view.getBigUint64(at + 4)) : view.getUint32(at + 4);
  return (ticks / view.getUint32(at)) * 1_000;
}

export function readBox(view: DataView, at: number): Part {
  const size = view.getUint32(at);
  const id = view.getUint32(at + 4);
  if (size === 1) return { id, start: at + 16, end: at + Math.max(16, Number(view.getBigUint64(at + 8))) };
  return { id, start: at + 8, end: size === 0 ? Number.POSITIVE_INFINITY : at + Math.max(8, size) };
}

const [EBML, SEGMENT, INFO, SCALE, DURATION] = [0x1a45dfa3, 0x18538067, 0x1549a966, 0x2ad7b1, 0x4489];
/** Nanoseconds of a tick where a file does not say it. */
const USUAL_SCALE = 1_000_000;
const NS_PER_MS = 1e6;

function webmLength(view: DataView): number | null {
  const duration = find(view, [SEGMENT, INFO, DURATION], readElement);
  if (duration === null) return null;
  const scale = find(view, [SEGMENT, INFO, SCALE], readElement);
  const ticks =
    duration.end - duration.start === 8 ? view.getFloat64(duration.start) : view.getFloat32(duration.start);
  return (ticks * (scale === null ? USUAL_SCALE : readNumber(view, scale.start, scale.end))) / NS_PER_MS;
}

function readElement(view: DataView, at: number): Part {
  const id = readNumber(view, at, at + lengthOf(view.getUint8(at)));
  const sizeAt = at + lengthOf(view.getUint8(at));
  const first = view.getUint8(sizeAt);
  const bytes = lengthOf(first);
  const start = sizeAt + bytes;
  // The first bit that is set says how long the size is and is not part of it; together with it, eight bytes are no number.
  const high = (first - 2 ** (8 - bytes)) * 256 ** (bytes - 1);
  const size = high + readNumber(view, sizeAt + 1, start);
  // All ones: to the end, whatever that is.
  return { id, start, end: size === 2 ** (7 * bytes) - 1 ? Number.POSITIVE_INFINITY : start + size };
}

/** Bytes of an id or a size, from its first one. */
function lengthOf(first: number): number {
  return Math.clz32(first) - 24 + 1;
}

function readNumber(view: DataView, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) number = number * 256 + view.getUint8(at);
  return number;
}
