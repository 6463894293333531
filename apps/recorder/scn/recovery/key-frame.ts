import type { Codec } from "#shared/api/recording.ts";
import { PictureParts } from "../../media/codecs/picture-parts.ts";
import { createPictureCodec } from "../../media/picture-depacketizer.ts";

/** What a key frame tells of its stream. */
export interface KeyFrameFacts {
  width: number;
  height: number;
  /** As `SegmentIdentity.codecPrivate`. */
  codecPrivate: Uint8Array | null;
}

const OBU_HAS_EXTENSION = 0x04;
const OBU_HAS_SIZE = 0x02;

/** Reads a whole key frame as a file has it; null when it does not say, or is none. */
export function readKeyFrame(codec: Codec, frame: Uint8Array): KeyFrameFacts | null {
  const parts = new PictureParts();
  for (const unit of splitUnits(codec, frame)) parts.beginUnit(unit);
  const picture = createPictureCodec(codec).join(parts);
  if (typeof picture === "string" || picture.size === null) return null;
  return { ...picture.size, codecPrivate: picture.codecPrivate };
}

function splitUnits(codec: Codec, frame: Uint8Array): Uint8Array[] {
  switch (codec) {
    case "vp8":
    case "vp9":
      return [frame];
    case "h264":
      return split(frame, (at) => {
        const [a = 0, b = 0, c = 0, d = 0] = frame.subarray(at, at + 4);
        return { start: at + 4, end: at + 4 + a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d };
      });
    case "av1":
      return split(frame, (at) => ({ start: at, end: obuEnd(frame, at) }));
  }
}

/** @param unitAt - where the unit that begins there has its own bytes. */
function split(frame: Uint8Array, unitAt: (at: number) => { start: number; end: number }): Uint8Array[] {
  const units: Uint8Array[] = [];
  for (let at = 0; at < frame.byteLength; ) {
    const { start, end } = unitAt(at);
    units.push(frame.subarray(start, end));
    at = Math.max(end, at + 1);
  }
  return units;
}

/** Where an OBU with a size ends (AV1 bitstream specification 5.3.2); one without reaches to the end. */
function obuEnd(frame: Uint8Array, at: number): number {
  const header = frame[at] ?? 0;
  if ((header & OBU_HAS_SIZE) === 0) return frame.byteLength;
  let next = at + ((header & OBU_HAS_EXTENSION) === 0 ? 1 : 2);
  let size = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = frame[next++] ?? 0;
    size += (byte & 0x7f) * 2 ** shift;
    if ((byte & 0x80) === 0) break;
  }
  return next + size;
}
