/** What a test packet says; the rest is plain. */
export interface PacketFields {
  sequenceNumber?: number;
  timestamp?: number;
  marker?: boolean;
  payloadType?: number;
  ssrc?: number;
  payload?: Uint8Array;
  /** Contributing sources. */
  sources?: readonly number[];
  /** Header extension's content; a multiple of 4 bytes. */
  extension?: Uint8Array;
  /** Bytes of padding, 0 to 255, the last of which counts them. */
  padding?: number;
}

/** An RTP packet's bytes (RFC 3550 section 5.1). */
export function buildRtpPacket(fields: PacketFields): Buffer {
  const { sources = [], extension, padding = 0, payload = new Uint8Array() } = fields;
  const header = Buffer.alloc(12 + 4 * sources.length);
  header[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | sources.length;
  header[1] = (fields.marker ? 0x80 : 0) | (fields.payloadType ?? 100);
  header.writeUInt16BE(fields.sequenceNumber ?? 0, 2);
  header.writeUInt32BE(fields.timestamp ?? 0, 4);
  header.writeUInt32BE(fields.ssrc ?? 1, 8);
  for (const [index, source] of sources.entries()) header.writeUInt32BE(source, 12 + 4 * index);
  const parts = [header];
  if (extension) {
    const extensionHeader = Buffer.from([0xbe, 0xde, 0, 0]);
    extensionHeader.writeUInt16BE(extension.byteLength / 4, 2);
    parts.push(extensionHeader, Buffer.from(extension));
  }
  parts.push(Buffer.from(payload));
  if (padding > 0) parts.push(Buffer.alloc(padding, padding));
  return Buffer.concat(parts);
}
