import { buildAv1Configuration, parseFrameHeader, parseSequenceHeader } from "./av1-headers.ts";
import type { JoinedPicture, PictureCodec, Place } from "./picture-codec.ts";
import type { PictureParts } from "./picture-parts.ts";

/** Types of OBUs (AV1 bitstream specification 6.2.2). */
const OBU = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  frame: 6,
  tileList: 8,
  padding: 15,
} as const;
/** Containers leave these out. */
const DROPPED: ReadonlySet<number> = new Set([OBU.temporalDelimiter, OBU.tileList, OBU.padding]);
const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;
/** A size takes up to 8 bytes in theory, 5 within what an RTP stream can carry. */
const MAX_SIZE_BYTES = 8;

/** Of the aggregation header: the first OBU element goes on from the packet before, the last one in the next packet. */
const CONTINUES = 0x80;
const IS_CONTINUED = 0x40;
const BEGINS_SEQUENCE = 0x08;

/** AV1 (RTP payload format for AV1 1.0). Pictures come out as OBUs with sizes ("low-overhead format"). */
export class Av1Codec implements PictureCodec {
  #isObuOpen = false;

  place(payload: Uint8Array): Place {
    const header = payload[0] ?? 0;
    if ((header & CONTINUES) !== 0) return "later";
    return (header & BEGINS_SEQUENCE) !== 0 ? "first" : "unknown";
  }

  take(payload: Uint8Array, isLast: boolean, parts: PictureParts): string | null {
    if (parts.units === 0) this.#isObuOpen = false;
    const header = payload[0] ?? 0;
    const continues = (header & CONTINUES) !== 0;
    if (continues !== this.#isObuOpen) return "an OBU is not whole";
    const isCounted = (header & 0x30) !== 0;
    let elementsLeft = isCounted ? (header & 0x30) >> 4 : Number.POSITIVE_INFINITY;
    let isContinuation = continues;
    let at = 1;
    while (elementsLeft > 0 && at < payload.byteLength) {
      elementsLeft -= 1;
      let length = payload.byteLength - at;
      // The last one of a counted number has no length.
      if (elementsLeft > 0) {
        const size = readLeb128((index) => payload[index], at);
        if (size === null) return "an OBU element is malformed";
        at = size.end;
        length = size.value;
      }
      if (at + length > payload.byteLength) return "an OBU element is malformed";
      const element = payload.subarray(at, at + length);
      at += length;
      if (isContinuation) parts.extendUnit(element);
      else if (length > 0) parts.beginUnit(element);
      isContinuation = false;
    }
    if (elementsLeft > 0 && isCounted) return "an OBU element is malformed";
    this.#isObuOpen = (header & IS_CONTINUED) !== 0;
    return isLast && this.#isObuOpen ? "it is marked as complete before its last packet" : null;
  }

  join(parts: PictureParts): JoinedPicture | string {
    const buffer = new Uint8Array(parts.bytes + MAX_SIZE_BYTES * parts.units);
    let end = 0;
    let sequence: { obu: Uint8Array; payload: Uint8Array } | null = null;
    let frame: Uint8Array | null = null;
    for (let unit = 0; unit < parts.units; unit++) {
      const head = readObuHead(parts, unit);
      if (head === null) return "an OBU is malformed";
      if (DROPPED.has(head.type)) continue;
      const start = end;
      buffer[end++] = parts.byteAt(unit, 0) | HAS_SIZE;
      if (head.hasExtension) buffer[end++] = parts.byteAt(unit, 1);
      end = writeLeb128(parts.lengthOf(unit) - head.bytes, buffer, end);
      const payloadAt = end;
      end = parts.copyUnit(unit, head.bytes, buffer, end);
      const payload = buffer.subarray(payloadAt, end);
      if (head.type === OBU.sequenceHeader) sequence ??= { obu: buffer.subarray(start, end), payload };
      if (head.type === OBU.frame || head.type === OBU.frameHeader) frame ??= payload;
    }
    if (frame === null) return "it has no frame";
    const data = buffer.subarray(0, end);
    // A decoder can begin only where a sequence header stands before a key frame.
    if (sequence === null) return { data, key: false, size: null, codecPrivate: null };
    const facts = parseSequenceHeader(sequence.payload);
    if (facts === null) return "its sequence header is malformed";
    const size = parseFrameHeader(frame, facts);
    if (size === null) return { data, key: false, size: null, codecPrivate: null };
    return { data, key: true, size, codecPrivate: buildAv1Configuration(facts, sequence.obu) };
  }
}

interface ObuHead {
  type: number;
  hasExtension: boolean;
  /** Header, extension and size. */
  bytes: number;
}

/** Reads an OBU's header (AV1 bitstream specification 5.3.2), with or without a size; null when it is malformed. */
function readObuHead(parts: PictureParts, unit: number): ObuHead | null {
  const header = parts.byteAt(unit, 0);
  const isForbidden = (header & 0x80) !== 0;
  const hasExtension = (header & HAS_EXTENSION) !== 0;
  const type = (header >> 3) & 0x0f;
  const afterHeader = hasExtension ? 2 : 1;
  if (isForbidden || parts.lengthOf(unit) < afterHeader) return null;
  if ((header & HAS_SIZE) === 0) return { type, hasExtension, bytes: afterHeader };
  const size = readLeb128((index) => parts.byteAt(unit, index), afterHeader);
  // More or less than it says would be another OBU, or a part of one.
  if (size === null || size.end + size.value !== parts.lengthOf(unit)) return null;
  return { type, hasExtension, bytes: size.end };
}

/** leb128() of AV1 (4.10.5), up to 32 bits. */
function readLeb128(
  byteAt: (index: number) => number | undefined,
  start: number,
): { value: number; end: number } | null {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = byteAt(start + i);
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, end: start + i + 1 };
  }
  return null;
}

/** @returns where it ends. */
function writeLeb128(value: number, target: Uint8Array, start: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}
