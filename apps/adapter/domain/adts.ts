/** Bytes of a header that say how long its packet is (ISO/IEC 13818-7, 6.2). */
export const ADTS_HEADER_BYTES = 7;

/**
 * How many bytes an AAC packet in ADTS has, its header included; null when there is none.
 *
 * @param head - at least {@link ADTS_HEADER_BYTES}.
 */
export function readPacketLength(head: Uint8Array): number | null {
  const [sync0 = 0, sync1 = 0, , high = 0, middle = 0, low = 0] = head;
  // Twelve set bits, then layer 0.
  if (head.length < ADTS_HEADER_BYTES || sync0 !== 0xff || (sync1 & 0xf6) !== 0xf0) return null;
  const length = ((high & 0b11) << 11) | (middle << 3) | (low >> 5);
  return length > ADTS_HEADER_BYTES ? length : null;
}
