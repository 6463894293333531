/** A variable-length integer (RFC 8794 section 4), such as an element's size. */
export interface Vint {
  /** Null: unknown. */
  value: number | null;
  /** Bytes that it takes. */
  length: number;
}

/** Reads the integer at `at`; null when it is cut off, malformed, or more than can be counted. */
export function readVint(bytes: Buffer, at: number): Vint | null {
  const first = bytes[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.byteLength) return null;
  let value = first & (0xff >> length);
  let isUnknown = value === 0xff >> length;
  for (let index = 1; index < length; index++) {
    const byte = bytes[at + index] ?? 0;
    isUnknown &&= byte === 0xff;
    value = value * 256 + byte;
  }
  if (isUnknown) return { value: null, length };
  return value > Number.MAX_SAFE_INTEGER ? null : { value, length };
}
