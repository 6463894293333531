/** Elements that are entered rather than skipped (RFC 9559). */
const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const BLOCK_GROUP = 0xa0;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;

/**
 * Counts the frames of a WebM or Matroska file while it grows, by its elements alone; independent of the recorder's own
 * reader and writer.
 */
export class FrameScanner {
  /** Where the next element begins. */
  #position = 0;
  #frames = 0;

  /** Frames that are in the file as a whole. */
  get frames(): number {
    return this.#frames;
  }

  /** Where to read on. */
  get position(): number {
    return this.#position;
  }

  /** Takes the bytes from {@link position} on, as far as there are any. */
  scan(bytes: Buffer): void {
    const base = this.#position;
    for (let at = 0; ; at = this.#position - base) {
      const id = readVint(bytes, at, true);
      if (id === null) return;
      const size = readVint(bytes, at + id.length, false);
      if (size === null) return;
      const start = at + id.length + size.length;
      if (id.value === SEGMENT || id.value === CLUSTER || id.value === BLOCK_GROUP) {
        this.#position = base + start;
        continue;
      }
      if (start + size.value > bytes.byteLength) return;
      if (id.value === SIMPLE_BLOCK || id.value === BLOCK) this.#frames += 1;
      this.#position = base + start + size.value;
    }
  }
}

/** A variable-length integer, with its length marker or without; null when its end is not there yet. */
function readVint(bytes: Buffer, at: number, withMarker: boolean): { value: number; length: number } | null {
  const first = bytes[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.byteLength) return null;
  let value = withMarker ? first : first & (0xff >> length);
  for (let index = 1; index < length; index++) value = value * 256 + (bytes[at + index] ?? 0);
  return { value, length };
}
