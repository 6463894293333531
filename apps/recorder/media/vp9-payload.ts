/** One packet's share of a VP9 picture. */
export interface Vp9Payload {
  /** First packet of a layer frame (B). */
  startsFrame: boolean;
  /** Last packet of a layer frame (E). */
  endsFrame: boolean;
  /** 0 for the one layer that the recorder takes. */
  spatialLayer: number;
  data: Uint8Array;
}

/**
 * Reads the VP9 payload descriptor (RFC 9628 section 4.2); null when it is malformed.
 *
 * The P bit is not reported: some packetizers send delta pictures without it, so the key flag comes from the frame's own
 * header.
 */
export function parseVp9Payload(payload: Uint8Array): Vp9Payload | null {
  const flags = payload[0];
  if (flags === undefined) return null;
  const hasPictureId = (flags & 0x80) !== 0;
  const isInterPredicted = (flags & 0x40) !== 0;
  const hasLayers = (flags & 0x20) !== 0;
  const isFlexible = (flags & 0x10) !== 0;
  const hasStructure = (flags & 0x02) !== 0;

  let at = 1;
  let spatialLayer = 0;
  if (hasPictureId) at += (payload[at] ?? 0) & 0x80 ? 2 : 1;
  if (hasLayers) {
    spatialLayer = ((payload[at] ?? 0) >> 1) & 0x07;
    at += isFlexible ? 1 : 2; // TL0PICIDX follows in non-flexible mode
  }
  if (isFlexible && isInterPredicted) {
    for (let references = 0, more = true; more; references++) {
      if (references === 3) return null;
      more = ((payload[at] ?? 0) & 0x01) !== 0;
      at += 1;
    }
  }
  if (hasStructure) at += scalabilityStructureBytes(payload, at);
  if (at >= payload.byteLength) return null;
  return {
    startsFrame: (flags & 0x08) !== 0,
    endsFrame: (flags & 0x04) !== 0,
    spatialLayer,
    data: payload.subarray(at),
  };
}

/** Length of the scalability structure (RFC 9628 section 4.2.1); reading past the end yields more than there is. */
function scalabilityStructureBytes(payload: Uint8Array, start: number): number {
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
