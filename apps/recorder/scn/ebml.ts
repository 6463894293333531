import { crc32 } from "node:zlib";

/** Element IDs of EBML (RFC 8794) and Matroska/WebM (RFC 9559) as far as a segment uses them. */
export const ID = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  void: 0xec,
  crc32: 0xbf,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  info: 0x1549a966,
  segmentUuid: 0x73a4,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  dateUtc: 0x4461,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  tags: 0x1254c367,
  tag: 0x7373,
  targets: 0x63c0,
  targetTypeValue: 0x68ca,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
  cueClusterPosition: 0xf1,
} as const;

/** An element's ID as it stands in the file. */
export function encodeId(id: number): Buffer {
  const bytes = id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1;
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(id, 0, bytes);
  return buffer;
}

/** A size as a variable-length integer, as short as possible or `length` bytes long (RFC 8794 section 4). */
export function encodeSize(size: number, length = shortestSize(size)): Buffer {
  const buffer = Buffer.alloc(length);
  writeSize(size, buffer, 0, length);
  return buffer;
}

/** Writes a size where there is room for it. @returns where it ends. */
export function writeSize(size: number, target: Buffer, at: number, length = shortestSize(size)): number {
  const low = Math.min(6, length);
  if (length > low) target.fill(0, at, at + length - low);
  target.writeUIntBE(size % 2 ** 48, at + length - low, low);
  target[at] = (target[at] ?? 0) | (length === 8 ? 0x01 : 0x80 >> (length - 1));
  return at + length;
}

/** The size of an element that is still growing: all ones. */
export const UNKNOWN_SIZE: Buffer = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

export function element(id: number, ...content: readonly Uint8Array[]): Buffer {
  const size = content.reduce((sum, part) => sum + part.byteLength, 0);
  return Buffer.concat([encodeId(id), encodeSize(size), ...content]);
}

/** An unsigned integer, as short as possible or `length` bytes long; up to 2^53. */
export function uintElement(id: number, value: number, length = shortestUint(value)): Buffer {
  const content = Buffer.alloc(8);
  content.writeBigUInt64BE(BigInt(value));
  return element(id, content.subarray(8 - length));
}

/** A 64-bit float: always as long, so that it can be written again in place. */
export function floatElement(id: number, value: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeDoubleBE(value);
  return element(id, content);
}

export function textElement(id: number, text: string): Buffer {
  return element(id, Buffer.from(text, "utf8"));
}

/** Nanoseconds since 2001-01-01T00:00:00Z (RFC 8794 section 7.6); always as long. */
export function dateElement(id: number, epochMs: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeBigInt64BE(BigInt(Math.round(epochMs - Date.UTC(2001, 0, 1))) * 1_000_000n);
  return element(id, content);
}

/** Room of exactly so many bytes (2 to 128) that something is written into later. */
export function voidElement(totalBytes: number): Buffer {
  return Buffer.concat([encodeId(ID.void), encodeSize(totalBytes - 2, 1), Buffer.alloc(totalBytes - 2)]);
}

/** The CRC-32 element that stands first in its parent and covers the rest of it (RFC 8794 section 11.3.1). */
export function crcElement(covered: readonly Uint8Array[]): Buffer {
  const content = Buffer.alloc(4);
  content.writeUInt32LE(covered.reduce((crc, part) => crc32(part, crc), 0));
  return element(ID.crc32, content);
}

/** Bytes that a size takes at least. */
export function shortestSize(size: number): number {
  let length = 1;
  // All ones is reserved for "unknown".
  while (size >= 2 ** (7 * length) - 1) length += 1;
  return length;
}

function shortestUint(value: number): number {
  let length = 1;
  while (value >= 2 ** (8 * length)) length += 1;
  return length;
}
