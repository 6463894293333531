import type { JoinedPicture, PictureCodec, Place } from "./picture-codec.ts";
import type { PictureParts } from "./picture-parts.ts";

/** S with PID: begins a partition, and which (RFC 7741 section 4.2). */
const BEGINS_PARTITION = 0x10;
const PARTITION = 0x0f;
/** Of a frame's header: frame tag; then, in a key frame, start code, width and height (RFC 6386 section 9.1). */
const FRAME_TAG_BYTES = 3;
const KEY_HEADER_BYTES = 10;

/** VP8 (RFC 7741). */
export class Vp8Codec implements PictureCodec {
  place(payload: Uint8Array): Place {
    const flags = payload[0] ?? 0;
    const isFirst = (flags & BEGINS_PARTITION) !== 0 && (flags & PARTITION) === 0;
    return isFirst ? "first" : "later";
  }

  take(payload: Uint8Array, _isLast: boolean, parts: PictureParts): string | null {
    const start = descriptorBytes(payload);
    if (start >= payload.byteLength) return "a payload descriptor is malformed";
    parts.extendUnit(payload.subarray(start));
    return null;
  }

  join(parts: PictureParts): JoinedPicture | string {
    const data = parts.joinAll();
    if (data.byteLength < FRAME_TAG_BYTES) return "its frame header is malformed";
    const isKey = ((data[0] ?? 0) & 0x01) === 0;
    if (!isKey) return { data, key: false, size: null, codecPrivate: null };
    const size = keyFrameSize(data);
    return size === null ? "its frame header is malformed" : { data, key: true, size, codecPrivate: null };
  }
}

/** Length of the payload descriptor, which may be longer than the payload. */
function descriptorBytes(payload: Uint8Array): number {
  const isExtended = ((payload[0] ?? 0) & 0x80) !== 0;
  if (!isExtended) return 1;
  const present = payload[1] ?? 0;
  const hasPictureId = (present & 0x80) !== 0;
  const hasLayerIndex = (present & 0x40) !== 0;
  const hasLayerOrKeyIndex = (present & 0x30) !== 0;
  let at = 2;
  if (hasPictureId) at += ((payload[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
  if (hasLayerIndex) at += 1;
  if (hasLayerOrKeyIndex) at += 1;
  return at;
}

function keyFrameSize(frame: Uint8Array): JoinedPicture["size"] {
  if (frame.byteLength < KEY_HEADER_BYTES) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint16(3) !== 0x9d01 || view.getUint8(5) !== 0x2a) return null;
  // The upper two bits are how a player may scale it up.
  const width = view.getUint16(6, true) & 0x3fff;
  const height = view.getUint16(8, true) & 0x3fff;
  return width === 0 || height === 0 ? null : { width, height };
}
