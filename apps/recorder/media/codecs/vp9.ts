import { BitReader } from "./bit-reader.ts";
import type { JoinedPicture, PictureCodec, Place } from "./picture-codec.ts";
import type { PictureParts } from "./picture-parts.ts";

/** First and last packet of a layer frame (RFC 9628 section 4.2). */
const BEGINS = 0x08;
const ENDS = 0x04;
const FRAME_MARKER = 0b10;
const SYNC_CODE = 0x49_83_42;
const COLOR_SPACE_RGB = 7;

/**
 * VP9 (RFC 9628), one spatial layer.
 *
 * The P bit of a packet is not looked at: some packetizers send delta pictures without it, so the key flag comes from the
 * frame's own header.
 */
export class Vp9Codec implements PictureCodec {
  place(payload: Uint8Array): Place {
    return ((payload[0] ?? 0) & BEGINS) !== 0 ? "first" : "later";
  }

  take(payload: Uint8Array, isLast: boolean, parts: PictureParts): string | null {
    const start = descriptorBytes(payload);
    if (start === null || start >= payload.byteLength) return "a payload descriptor is malformed";
    if (spatialLayer(payload) > 0) return "it has more than one spatial layer";
    parts.extendUnit(payload.subarray(start));
    const isComplete = ((payload[0] ?? 0) & ENDS) !== 0;
    return isLast && !isComplete ? "it is marked as complete before its last packet" : null;
  }

  join(parts: PictureParts): JoinedPicture | string {
    const data = parts.joinAll();
    const header = parseFrameHeader(data);
    return header === null ? "its frame header is malformed" : { data, ...header, codecPrivate: null };
  }
}

/** Length of the payload descriptor (RFC 9628 section 4.2), which may be longer than the payload; null when it is none. */
function descriptorBytes(payload: Uint8Array): number | null {
  const flags = payload[0] ?? 0;
  const isInterPredicted = (flags & 0x40) !== 0;
  const isFlexible = (flags & 0x10) !== 0;
  let at = layersAt(payload);
  // TL0PICIDX follows the layers in non-flexible mode.
  if ((flags & 0x20) !== 0) at += isFlexible ? 1 : 2;
  if (isFlexible && isInterPredicted) {
    for (let references = 0, more = true; more; references++) {
      if (references === 3) return null;
      more = ((payload[at] ?? 0) & 0x01) !== 0;
      at += 1;
    }
  }
  const hasStructure = (flags & 0x02) !== 0;
  return hasStructure ? at + structureBytes(payload, at) : at;
}

/** Where the layer indices are, behind a picture id of 7 or 15 bits. */
function layersAt(payload: Uint8Array): number {
  const hasPictureId = ((payload[0] ?? 0) & 0x80) !== 0;
  if (!hasPictureId) return 1;
  return ((payload[1] ?? 0) & 0x80) !== 0 ? 3 : 2;
}

function spatialLayer(payload: Uint8Array): number {
  const hasLayers = ((payload[0] ?? 0) & 0x20) !== 0;
  return hasLayers ? ((payload[layersAt(payload)] ?? 0) >> 1) & 0x07 : 0;
}

/** Length of the scalability structure (RFC 9628 section 4.2.1). */
function structureBytes(payload: Uint8Array, start: number): number {
  const head = payload[start] ?? 0;
  const layers = (head >> 5) + 1;
  const hasSizes = (head & 0x10) !== 0;
  const hasPictureGroup = (head & 0x08) !== 0;
  let at = start + 1;
  if (hasSizes) at += 4 * layers;
  if (hasPictureGroup) {
    const pictures = payload[at] ?? 0;
    at += 1;
    for (let i = 0; i < pictures; i++) at += 1 + (((payload[at] ?? 0) >> 2) & 0x03);
  }
  return at - start;
}

/** The uncompressed header (VP9 bitstream specification 0.7, section 6.2) as far as a key frame's size; null: it is none. */
function parseFrameHeader(frame: Uint8Array): Pick<JoinedPicture, "key" | "size"> | null {
  const bits = new BitReader(frame);
  if (bits.read(2) !== FRAME_MARKER) return null;
  const profile = bits.read(1) + 2 * bits.read(1);
  if (profile === 3 && bits.flag()) return null;
  const isShownAgain = bits.flag();
  if (isShownAgain) return bits.overrun ? null : { key: false, size: null };
  const isInter = bits.flag();
  bits.read(2); // show_frame, error_resilient_mode
  if (bits.overrun) return null;
  if (isInter) return { key: false, size: null };

  if (bits.read(24) !== SYNC_CODE) return null;
  skipColorConfig(bits, profile);
  const size = { width: bits.read(16) + 1, height: bits.read(16) + 1 };
  return bits.overrun ? null : { key: true, size };
}

function skipColorConfig(bits: BitReader, profile: number): void {
  if (profile >= 2) bits.read(1); // ten_or_twelve_bit
  const hasSubsampling = profile === 1 || profile === 3;
  if (bits.read(3) === COLOR_SPACE_RGB) {
    if (hasSubsampling) bits.read(1); // reserved_zero
    return;
  }
  bits.read(1); // color_range
  if (hasSubsampling) bits.read(3); // subsampling_x, subsampling_y, reserved_zero
}
