import { crc32 } from "node:zlib";
import type { DurationMs } from "#shared/time/units.ts";
import { encodeId, ID } from "../ebml.ts";
import { readVint } from "./vint.ts";

/** A cluster whose checksum holds. */
export interface FoundCluster {
  /** In the file, and how long it is there. */
  position: number;
  bytes: number;
  /** Of its content: two with the same are one that is there twice. */
  crc: number;
  startMs: DurationMs;
  /** Of its last frame. */
  lastMs: DurationMs;
  /** Between its last two frames; null with one. */
  lastDistanceMs: DurationMs | null;
  frames: number;
  /** Its first frame is a key frame; only first frames are. */
  isKey: boolean;
  /** Where its blocks begin in the file, and the first frame's own bytes. */
  blocksAt: number;
  firstFrameAt: number;
  firstFrameBytes: number;
}

/** How far a scan got with a piece of a file. */
export interface ScanStep {
  clusters: FoundCluster[];
  /** Where the next piece is to begin; the file's size when the scan is over. */
  next: number;
  /** The least that the next piece must hold (or all that is left). */
  wanted: number;
}

/** A frame of more than 16 MB is never taken, so no cluster is longer. */
const LONGEST_CLUSTER_BYTES = 17 * 1024 * 1024;
/** ID, longest size, checksum. */
const CLUSTER_HEAD_BYTES = 4 + 8 + 6;
const CLUSTER_ID = encodeId(ID.cluster);
const CUES_ID = encodeId(ID.cues);
const CRC_HEAD = Buffer.from([ID.crc32, 0x84]);
/**
 * Each byte is looked at once for an ID and once for a checksum; more often only in clusters that are within others that
 * are not whole, which nobody but an attacker makes.
 */
const MOST_LOOKS_PER_BYTE = 4;

/**
 * Finds the clusters of a file, whatever happened to it, by their checksums: past damage it goes on with the next ID that
 * begins a whole one. Works on pieces of the file one after the other. Pure.
 */
export class ClusterScanner {
  readonly #fileBytes: number;
  #looks = 0;

  constructor(fileBytes: number) {
    this.#fileBytes = fileBytes;
  }

  /** Bytes looked at so far, each as often as it was; never more than so many times the file's. */
  get bytesLookedAt(): number {
    return this.#looks;
  }

  /** The work was as much as it may be, and the scan ended early. */
  get isExhausted(): boolean {
    return this.#looks >= MOST_LOOKS_PER_BYTE * this.#fileBytes;
  }

  /** @param piece - the file's bytes from `base` on. */
  scan(piece: Buffer, base: number): ScanStep {
    const clusters: FoundCluster[] = [];
    const end = base + piece.byteLength;
    const isLast = end >= this.#fileBytes;
    let at = 0;
    while (!this.isExhausted) {
      const found = piece.indexOf(CLUSTER_ID, at);
      this.#looks += (found === -1 ? piece.byteLength : found) - at;
      if (found === -1) {
        // An ID may have begun in the last bytes.
        const next = isLast ? this.#fileBytes : Math.max(base, end - CLUSTER_ID.byteLength + 1);
        return { clusters, next, wanted: CLUSTER_HEAD_BYTES };
      }
      if (!isLast && found + CLUSTER_HEAD_BYTES > piece.byteLength)
        return { clusters, next: base + found, wanted: CLUSTER_HEAD_BYTES };
      const bytes = clusterBytes(piece, found);
      const isPossible = bytes !== null && base + found + bytes <= this.#fileBytes;
      if (isPossible && found + bytes > piece.byteLength)
        return { clusters, next: base + found, wanted: bytes };
      const cluster = isPossible ? this.#check(piece.subarray(found, found + bytes), base + found) : null;
      if (cluster !== null) clusters.push(cluster);
      at = found + (cluster?.bytes ?? CLUSTER_ID.byteLength);
    }
    return { clusters, next: this.#fileBytes, wanted: 0 };
  }

  #check(bytes: Buffer, position: number): FoundCluster | null {
    const cluster = readBlocks(bytes, position);
    if (cluster === null) return null;
    const { contentAt, ...facts } = cluster;
    const covered = bytes.subarray(contentAt + CRC_HEAD.byteLength + 4);
    this.#looks += covered.byteLength;
    const crc = bytes.readUInt32LE(contentAt + CRC_HEAD.byteLength);
    return crc32(covered) === crc ? { ...facts, crc } : null;
  }
}

/**
 * Whether the bytes after a file's last whole cluster are what a writer that was killed leaves: nothing, a cluster that was
 * not written to its end, or cues. Anything else is damage.
 *
 * @param tail - its first bytes.
 * @param tailBytes - how long it is.
 */
export function isTornTail(tail: Buffer, tailBytes: number): boolean {
  const id = tail.subarray(0, 4);
  if (CUES_ID.subarray(0, id.byteLength).equals(id)) return true;
  if (!CLUSTER_ID.subarray(0, id.byteLength).equals(id)) return false;
  if (tailBytes < CLUSTER_HEAD_BYTES) return true;
  const bytes = clusterBytes(tail, 0);
  return bytes !== null && bytes > tailBytes;
}

/** The length of what may be a cluster at `at`; null when it is none of ours. */
function clusterBytes(piece: Buffer, at: number): number | null {
  const size = readVint(piece, at + CLUSTER_ID.byteLength);
  if (size === null || size.value === null || size.value > LONGEST_CLUSTER_BYTES) return null;
  const contentAt = at + CLUSTER_ID.byteLength + size.length;
  if (!piece.subarray(contentAt, contentAt + CRC_HEAD.byteLength).equals(CRC_HEAD)) return null;
  return contentAt - at + size.value;
}

type Structure = Omit<FoundCluster, "crc"> & { contentAt: number };

/** Walks over a cluster's blocks; null when it is not built as ours are, to the last byte. */
function readBlocks(bytes: Buffer, position: number): Structure | null {
  const size = readVint(bytes, CLUSTER_ID.byteLength);
  if (size === null) return null;
  const contentAt = CLUSTER_ID.byteLength + size.length;
  const timeAt = contentAt + CRC_HEAD.byteLength + 4;
  const timeSize = readVint(bytes, timeAt + 1);
  if (bytes[timeAt] !== ID.timestamp || timeSize === null || timeSize.value === null) return null;
  if (timeSize.value < 1 || timeSize.value > 6) return null;
  const blocksAt = timeAt + 1 + timeSize.length + timeSize.value;
  if (blocksAt > bytes.byteLength) return null;
  const clusterMs = bytes.readUIntBE(blocksAt - timeSize.value, timeSize.value);
  let frames = 0;
  let first: { at: number; bytes: number; isKey: boolean; ms: DurationMs } | null = null;
  let lastMs = Number.NaN;
  let lastDistanceMs: DurationMs | null = null;
  for (let at = blocksAt; at < bytes.byteLength; ) {
    const blockSize = readVint(bytes, at + 1);
    if (bytes[at] !== ID.simpleBlock || blockSize === null || blockSize.value === null) return null;
    const blockAt = at + 1 + blockSize.length;
    at = blockAt + blockSize.value;
    if (blockSize.value < 4 || at > bytes.byteLength) return null;
    const ms = clusterMs + bytes.readInt16BE(blockAt + 1);
    const isKey = ((bytes[blockAt + 3] ?? 0) & 0x80) !== 0;
    // Ours begin with their first frame.
    if (first === null && ms !== clusterMs) return null;
    if (first === null) first = { at: position + blockAt + 4, bytes: blockSize.value - 4, isKey, ms };
    else lastDistanceMs = ms - lastMs;
    lastMs = ms;
    frames += 1;
  }
  if (first === null) return null;
  return {
    position,
    bytes: bytes.byteLength,
    startMs: first.ms,
    lastMs,
    lastDistanceMs,
    frames,
    isKey: first.isKey,
    blocksAt: position + blocksAt,
    firstFrameAt: first.at,
    firstFrameBytes: first.bytes,
    contentAt,
  };
}
