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
  const flags = byteAt(bytes, 0);
  if (flags >> 6 !== RTP_VERSION) return null;
  const hasPadding = (flags & 0x20) !== 0;
  const hasExtension = (flags & 0x10) !== 0;
  const sources = flags & 0x0f;

  let start = FIXED_HEADER_BYTES + 4 * sources;
  if (hasExtension) {
    if (bytes.byteLength < start + 4) return null;
    start += 4 + 4 * uint16At(bytes, start + 2);
  }
  let end = bytes.byteLength;
  if (hasPadding) {
    const padding = byteAt(bytes, end - 1);
    if (padding === 0) return null;
    end -= padding;
  }
  if (start > end) return null;

  const markerAndType = byteAt(bytes, 1);
  return {
    payloadType: markerAndType & 0x7f,
    marker: markerAndType >= 0x80,
    sequenceNumber: uint16At(bytes, 2),
    timestamp: uint32At(bytes, 4),
    ssrc: uint32At(bytes, 8),
    // A Buffer's subarray() costs several times as much.
    payload: new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start),
  };
}

// Thousands of packets come each second, and a DataView for each would be garbage.

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function uint16At(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1);
}

function uint32At(bytes: Uint8Array, at: number): number {
  return uint16At(bytes, at) * 0x1_0000 + uint16At(bytes, at + 2);
}
