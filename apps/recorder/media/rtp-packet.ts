/** One RTP packet (RFC 3550 section 5.1); `payload` is a view into the received bytes, without padding. */
export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  /** 16 bits, wraps. */
  sequenceNumber: number;
  /** 32 bits, wraps; 90 kHz for video. */
  timestamp: number;
  ssrc: number;
  /** Empty for a packet of padding only (bandwidth probing). */
  payload: Uint8Array;
}

const FIXED_HEADER_BYTES = 12;
const RTP_VERSION = 2;

/** Reads an RTP packet; null when the bytes are none. */
export function parseRtpPacket(bytes: Uint8Array): RtpPacket | null {
  if (bytes.byteLength < FIXED_HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(0);
  if (flags >> 6 !== RTP_VERSION) return null;
  const hasPadding = (flags & 0x20) !== 0;
  const hasExtension = (flags & 0x10) !== 0;
  const sources = flags & 0x0f;

  let start = FIXED_HEADER_BYTES + 4 * sources;
  if (hasExtension) {
    if (bytes.byteLength < start + 4) return null;
    start += 4 + 4 * view.getUint16(start + 2);
  }
  let end = bytes.byteLength;
  if (hasPadding) {
    const padding = view.getUint8(end - 1);
    if (padding === 0) return null;
    end -= padding;
  }
  if (start > end) return null;

  const markerAndType = view.getUint8(1);
  return {
    payloadType: markerAndType & 0x7f,
    marker: markerAndType >= 0x80,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(start, end),
  };
}
