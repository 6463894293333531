import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { encodeId, encodeSize, ID } from "../ebml.ts";
import { readVint } from "./vint.ts";

/** What a header still says, each fact by itself: any part of it may be damaged. */
export interface HeaderFacts {
  /** 16 bytes. */
  uuid: Buffer | null;
  /** The start stands in it twice. */
  startTag: EpochMs | null;
  startDate: EpochMs | null;
  clockSource: string | null;
  /** Null in a file that is not sealed. */
  durationMs: DurationMs | null;
  codecPrivate: Buffer | null;
  /** Of the picture, in pixels. */
  size: { width: number; height: number } | null;
}

const START_DIGITS = 13;
const CLOCK_BYTES = 16;
const LONGEST_CODEC_PRIVATE = 1_024;

/**
 * Looks for each fact by the bytes that stand before it, so that damage elsewhere does not matter.
 *
 * @param head - the file's first bytes, up to the first cluster that is whole.
 */
export function readHeaderFacts(head: Buffer): HeaderFacts {
  const startText = tagText(head, "START_EPOCH_MS", START_DIGITS)?.toString("latin1");
  const date = contentAfter(head, prefix(ID.dateUtc, 8), 8)?.readBigInt64BE();
  const clock = tagText(head, "CLOCK_SOURCE", CLOCK_BYTES)?.toString("latin1").replace(/\0+$/, "");
  const durationMs = contentAfter(head, prefix(ID.duration, 8), 8)?.readDoubleBE() ?? null;
  return {
    uuid: contentAfter(head, prefix(ID.segmentUuid, 16), 16),
    startTag: startText !== undefined && /^\d+$/.test(startText) ? Number(startText) : null,
    startDate: date === undefined ? null : Number(date / 1_000_000n) + Date.UTC(2001, 0, 1),
    clockSource: clock !== undefined && /^[a-z-]+$/.test(clock) ? clock : null,
    durationMs: durationMs !== null && durationMs >= 0 && durationMs < 1e9 ? durationMs : null,
    codecPrivate: codecPrivateOf(head),
    size: sizeOf(head),
  };
}

function tagText(head: Buffer, name: string, bytes: number): Buffer | null {
  return contentAfter(head, Buffer.concat([Buffer.from(name), prefix(ID.tagString, bytes)]), bytes);
}

function codecPrivateOf(head: Buffer): Buffer | null {
  const at = head.indexOf(encodeId(ID.codecPrivate), Math.max(0, head.indexOf("V_")));
  const size = at === -1 ? null : readVint(head, at + 2);
  if (size === null || size.value === null || size.value > LONGEST_CODEC_PRIVATE) return null;
  const start = at + 2 + size.length;
  return start + size.value > head.byteLength ? null : head.subarray(start, start + size.value);
}

/** Width and height stand next to each other, in two bytes each unless a picture is tiny. */
function sizeOf(head: Buffer): HeaderFacts["size"] {
  const at = head.indexOf(prefix(ID.pixelWidth, 2));
  const next = prefix(ID.pixelHeight, 2);
  if (at === -1 || at + 8 > head.byteLength || !head.subarray(at + 4, at + 6).equals(next)) return null;
  return { width: head.readUInt16BE(at + 2), height: head.readUInt16BE(at + 6) };
}

function prefix(id: number, size: number): Buffer {
  return Buffer.concat([encodeId(id), encodeSize(size)]);
}

function contentAfter(head: Buffer, before: Buffer, bytes: number): Buffer | null {
  const at = head.indexOf(before);
  const start = at + before.byteLength;
  return at === -1 || start + bytes > head.byteLength ? null : head.subarray(start, start + bytes);
}
