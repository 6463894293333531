import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import {
  crcElement,
  dateElement,
  element,
  encodeId,
  encodeSize,
  floatElement,
  ID,
  shortestSize,
  textElement,
  UNKNOWN_SIZE,
  uintElement,
  voidElement,
  writeSize,
} from "./ebml.ts";

/** When a segment's first frame was captured, as well as it is known by now. */
export interface SegmentPlace {
  startedAt: EpochMs;
  /** What that goes by. */
  clockSource: string;
}

/** What is known of a segment when its first frame comes. */
export interface SegmentIdentity extends SegmentPlace {
  recordingId: string;
  trackId: string;
  segmentId: string;
  codec: Codec;
  width: number;
  height: number;
  /** What a decoder needs before the first frame (avcC of H264, av1C of AV1); null where the frames say it all. */
  codecPrivate: Uint8Array | null;
  /** 16 random bytes. */
  uuid: Uint8Array;
}

/** What is known of a segment only when it is complete. */
export interface SegmentSummary extends SegmentPlace {
  durationMs: DurationMs;
}

/** A frame on the segment's own timeline. */
export interface Block {
  data: Uint8Array;
  key: boolean;
  /** Whole milliseconds since the segment's first frame. */
  atMs: number;
}

/** Bytes that go over what is in the file already. */
export interface Patch {
  position: number;
  bytes: Buffer;
}

/** Where a key frame's cluster begins. */
export interface CuePoint {
  atMs: number;
  /** In the file. */
  position: number;
}

const TRACK_NUMBER = 1;
const NS_PER_MS = 1_000_000;
const APP = "deskreel";
const VIDEO_TRACK = 1;
/** Codec IDs as Matroska registers them. */
const CODEC_IDS: Record<Codec, string> = {
  vp8: "V_VP8",
  vp9: "V_VP9",
  av1: "V_AV1",
  h264: "V_MPEG4/ISO/AVC",
};
/** Simple block: key frame flag (RFC 9559 section 10.2). */
const KEY_FRAME = 0x80;
/** Fixed widths, so that the values can be written when the segment is complete: epoch ms until the year 2286, … */
const START_WIDTH = 13;
const CLOCK_WIDTH = 16;

/**
 * Writes the parts of a WebM file (RFC 9559, WebM subset; for H264, which WebM does not take, of a Matroska file) that only
 * ever grows: header, clusters, cues; then patches that make it complete. A reader that finds it unfinished sees a segment of unknown size and plays all whole clusters.
 * Pure: it makes bytes and knows where they go; the caller does the I/O.
 */
export class WebmMuxer {
  /** The file's beginning, up to the first cluster. */
  readonly header: Buffer;
  readonly #segmentStart: number;
  readonly #seekHeadAt: number;
  readonly #info: Section;
  readonly #tracks: Section;
  readonly #tags: Section;
  readonly #durationAt: number;
  readonly #dateAt: number;
  readonly #startTagAt: number;
  readonly #clockTagAt: number;

  constructor(identity: SegmentIdentity) {
    const ebml = ebmlHeader(identity.codec);
    const segment = Buffer.concat([encodeId(ID.segment), UNKNOWN_SIZE]);
    const duration = voidElement(floatElement(ID.duration, 0).byteLength);
    const date = dateElement(ID.dateUtc, identity.startedAt);
    const info = element(
      ID.info,
      uintElement(ID.timestampScale, NS_PER_MS),
      textElement(ID.muxingApp, APP),
      textElement(ID.writingApp, APP),
      element(ID.segmentUuid, identity.uuid),
      duration,
      date,
    );
    const startTag = startTagText(identity.startedAt);
    const clockTag = clockTagText(identity.clockSource);
    const tags = element(
      ID.tags,
      element(
        ID.tag,
        element(ID.targets, uintElement(ID.targetTypeValue, 50)),
        tag("RECORDING_ID", textElement(ID.tagString, identity.recordingId)),
        tag("TRACK_ID", textElement(ID.tagString, identity.trackId)),
        tag("SEGMENT_ID", textElement(ID.tagString, identity.segmentId)),
        tag("START_EPOCH_MS", startTag),
        tag("CLOCK_SOURCE", clockTag),
      ),
    );
    const tracks = tracksElement(identity);

    this.#segmentStart = ebml.byteLength + segment.byteLength;
    this.#seekHeadAt = this.#segmentStart;
    const seekHead = voidElement(SEEK_HEAD_BYTES);
    this.#info = { id: ID.info, position: this.#seekHeadAt + seekHead.byteLength };
    this.#tracks = { id: ID.tracks, position: this.#info.position + info.byteLength };
    this.#tags = { id: ID.tags, position: this.#tracks.position + tracks.byteLength };
    this.#dateAt = this.#tracks.position - date.byteLength;
    this.#durationAt = this.#dateAt - duration.byteLength;
    this.#startTagAt = this.#tags.position + tags.lastIndexOf(startTag);
    this.#clockTagAt = this.#tags.position + tags.lastIndexOf(clockTag);
    this.header = Buffer.concat([ebml, segment, seekHead, info, tracks, tags]);
  }

  /** The cues, which stand last; `position` = where they go. */
  cues(points: readonly CuePoint[]): Buffer {
    return element(
      ID.cues,
      ...points.map(({ atMs, position }) =>
        element(
          ID.cuePoint,
          uintElement(ID.cueTime, atMs),
          element(
            ID.cueTrackPositions,
            uintElement(ID.cueTrack, TRACK_NUMBER),
            uintElement(ID.cueClusterPosition, position - this.#segmentStart),
          ),
        ),
      ),
    );
  }

  /** Writes another start over the one in the header. */
  place({ startedAt, clockSource }: SegmentPlace): Patch[] {
    return [
      { position: this.#dateAt, bytes: dateElement(ID.dateUtc, startedAt) },
      { position: this.#startTagAt, bytes: startTagText(startedAt) },
      { position: this.#clockTagAt, bytes: clockTagText(clockSource) },
    ];
  }

  /** Makes the file complete. `cuesAt` = where the cues begin, `fileBytes` = where they end. */
  seal(summary: SegmentSummary, cuesAt: number, fileBytes: number): Patch[] {
    const sections = [this.#info, this.#tracks, this.#tags, { id: ID.cues, position: cuesAt }];
    return [
      { position: this.#seekHeadAt, bytes: seekHeadElement(sections, this.#segmentStart) },
      { position: this.#durationAt, bytes: floatElement(ID.duration, summary.durationMs) },
      ...this.place(summary),
      {
        position: this.#segmentStart - UNKNOWN_SIZE.byteLength,
        bytes: encodeSize(fileBytes - this.#segmentStart, UNKNOWN_SIZE.byteLength),
      },
    ];
  }
}

interface Section {
  id: number;
  position: number;
}

/**
 * A cluster of whole blocks with a checksum, by which a reader of a torn file knows that it is whole. Blocks must lie within
 * 32 s of the first (16-bit relative time).
 *
 * It is one piece, though that copies the frames once: many small pieces cost more, in the making, in the checksum and on
 * their way to the kernel.
 */
export function encodeCluster(blocks: readonly Block[]): Buffer {
  const startMs = blocks[0]?.atMs ?? 0;
  const timestamp = uintElement(ID.timestamp, startMs);
  let coveredBytes = timestamp.byteLength;
  for (const { data } of blocks) coveredBytes += blockHeaderBytes(data) + data.byteLength;
  const size = encodeSize(CRC_BYTES + coveredBytes);
  const coveredAt = CLUSTER_ID.byteLength + size.byteLength + CRC_BYTES;
  const cluster = Buffer.allocUnsafe(coveredAt + coveredBytes);
  cluster.set(CLUSTER_ID, 0);
  cluster.set(size, CLUSTER_ID.byteLength);
  cluster.set(timestamp, coveredAt);
  let at = coveredAt + timestamp.byteLength;
  for (const block of blocks) {
    at = writeBlockHeader(block, startMs, cluster, at);
    cluster.set(block.data, at);
    at += block.data.byteLength;
  }
  cluster.set(crcElement([cluster.subarray(coveredAt)]), coveredAt - CRC_BYTES);
  return cluster;
}

const CLUSTER_ID = encodeId(ID.cluster);
const CRC_BYTES = crcElement([]).byteLength;
/** Track number, relative time and flags. */
const BLOCK_FIXED_BYTES = 4;

function blockHeaderBytes(data: Uint8Array): number {
  return 1 + shortestSize(BLOCK_FIXED_BYTES + data.byteLength) + BLOCK_FIXED_BYTES;
}

/** @returns where it ends. */
function writeBlockHeader(
  { data, key, atMs }: Block,
  clusterMs: number,
  target: Buffer,
  start: number,
): number {
  let at = target.writeUInt8(ID.simpleBlock, start);
  at = writeSize(BLOCK_FIXED_BYTES + data.byteLength, target, at);
  at = target.writeUInt8(0x80 | TRACK_NUMBER, at);
  at = target.writeInt16BE(atMs - clusterMs, at);
  return target.writeUInt8(key ? KEY_FRAME : 0, at);
}

function ebmlHeader(codec: Codec): Buffer {
  return element(
    ID.ebml,
    uintElement(ID.ebmlVersion, 1),
    uintElement(ID.ebmlReadVersion, 1),
    uintElement(ID.ebmlMaxIdLength, 4),
    uintElement(ID.ebmlMaxSizeLength, 8),
    textElement(ID.docType, codec === "h264" ? "matroska" : "webm"),
    uintElement(ID.docTypeVersion, 4),
    uintElement(ID.docTypeReadVersion, 2),
  );
}

function tracksElement({ codec, width, height, codecPrivate }: SegmentIdentity): Buffer {
  return element(
    ID.tracks,
    element(
      ID.trackEntry,
      uintElement(ID.trackNumber, TRACK_NUMBER),
      uintElement(ID.trackUid, TRACK_NUMBER),
      uintElement(ID.trackType, VIDEO_TRACK),
      uintElement(ID.flagLacing, 0),
      textElement(ID.codecId, CODEC_IDS[codec]),
      ...(codecPrivate === null ? [] : [element(ID.codecPrivate, codecPrivate)]),
      element(ID.video, uintElement(ID.pixelWidth, width), uintElement(ID.pixelHeight, height)),
    ),
  );
}

function tag(name: string, value: Buffer): Buffer {
  return element(ID.simpleTag, textElement(ID.tagName, name), value);
}

function startTagText(startedAt: EpochMs): Buffer {
  return textElement(ID.tagString, String(Math.round(startedAt)).padStart(START_WIDTH, "0"));
}

/** Filled up with zero bytes, which end a string (RFC 8794 section 7.4). */
function clockTagText(source: string): Buffer {
  return textElement(ID.tagString, source.padEnd(CLOCK_WIDTH, "\0").slice(0, CLOCK_WIDTH));
}

function seekHeadElement(sections: readonly Section[], segmentStart: number): Buffer {
  return element(
    ID.seekHead,
    ...sections.map(({ id, position }) =>
      element(
        ID.seek,
        element(ID.seekId, encodeId(id)),
        uintElement(ID.seekPosition, position - segmentStart, 8),
      ),
    ),
  );
}

const SEEK_HEAD_BYTES = seekHeadElement(
  [ID.info, ID.tracks, ID.tags, ID.cues].map((id) => ({ id, position: 0 })),
  0,
).byteLength;
