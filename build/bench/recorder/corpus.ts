import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** What an agent does on the screen. */
export const SCENES = ["static", "typing", "scrolling", "switching"] as const;
export type SceneName = (typeof SCENES)[number];

/** Codecs of which there are recorded packets. */
export const CORPUS_CODECS = ["vp9", "h264"] as const satisfies Codec[];
export type CorpusCodec = (typeof CORPUS_CODECS)[number];

/** What the first line of a corpus file tells. */
interface SceneFacts {
  codec: CorpusCodec;
  scene: SceneName;
  width: number;
  height: number;
  framesPerSecond: number;
  /** After so long it may begin anew. */
  durationMs: DurationMs;
  pictures: number;
  /** Who sent it, and when it was recorded. */
  recordedFrom: string;
  recordedAt: string;
}

/** One recorded RTP packet, without its fixed header. */
export interface ScenePacket {
  /** When it arrived, since the first one. */
  atMs: DurationMs;
  /** RTP timestamp since the first one's, 90 kHz. */
  ticks: number;
  /** Last packet of its picture. */
  marker: boolean;
  payload: Buffer;
}

/** Real RTP of one screen; it begins with its only key picture. */
export interface Scene extends SceneFacts {
  packets: readonly ScenePacket[];
}

/** u32 microseconds, u32 ticks, u8 marker, u16 length. */
const RECORD_BYTES = 11;
const FOLDER = join(import.meta.dirname, "fixtures");

/** A corpus file: one line of JSON, then the packets one after the other, big endian. */
export function encodeScene({ packets, ...facts }: Scene): Buffer {
  const parts: Buffer[] = [Buffer.from(`${JSON.stringify(facts)}\n`)];
  for (const { atMs, ticks, marker, payload } of packets) {
    const head = Buffer.alloc(RECORD_BYTES);
    head.writeUInt32BE(Math.round(atMs * 1_000), 0);
    head.writeUInt32BE(ticks, 4);
    head.writeUInt8(marker ? 1 : 0, 8);
    head.writeUInt16BE(payload.byteLength, 9);
    parts.push(head, payload);
  }
  return Buffer.concat(parts);
}

/** @throws RangeError when the file ends within a packet. */
export function decodeScene(bytes: Buffer): Scene {
  const headEnd = bytes.indexOf("\n");
  const facts = JSON.parse(bytes.subarray(0, headEnd).toString()) as SceneFacts;
  const packets: ScenePacket[] = [];
  for (let at = headEnd + 1; at < bytes.byteLength; ) {
    const length = bytes.readUInt16BE(at + 9);
    const end = at + RECORD_BYTES + length;
    if (end > bytes.byteLength) throw new RangeError(`the corpus ends within the packet at byte ${at}`);
    packets.push({
      atMs: bytes.readUInt32BE(at) / 1_000,
      ticks: bytes.readUInt32BE(at + 4),
      marker: bytes.readUInt8(at + 8) === 1,
      payload: bytes.subarray(at + RECORD_BYTES, end),
    });
    at = end;
  }
  return { ...facts, packets };
}

/** The committed recording of a scene. */
export function readScene(codec: CorpusCodec, scene: SceneName): Scene {
  return decodeScene(readFileSync(pathOf(codec, scene)));
}

/** Replaces the committed recording of a scene. @returns bytes written. */
export function writeScene(scene: Scene): number {
  const bytes = encodeScene(scene);
  writeFileSync(pathOf(scene.codec, scene.scene), bytes);
  return bytes.byteLength;
}

function pathOf(codec: CorpusCodec, scene: SceneName): string {
  return join(FOLDER, `${codec}-${scene}.rtp`);
}
