/** An element as it stands in a file. */
export interface ReadElement {
  id: number;
  /** Where its ID begins. */
  position: number;
  /** null: unknown, it reaches to the end. */
  size: number | null;
  content: Buffer;
}

/** Reads the elements that stand next to each other in `bytes`; `base` is where these begin in the file. */
export function readElements(bytes: Buffer, base = 0): ReadElement[] {
  const elements: ReadElement[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const idLength = vintLength(bytes, at);
    const id = bytes.readUIntBE(at, idLength);
    const sizeLength = vintLength(bytes, at + idLength);
    const raw = bytes.subarray(at + idLength, at + idLength + sizeLength);
    const value = BigInt(`0x${raw.toString("hex")}`) & (2n ** BigInt(7 * sizeLength) - 1n);
    const isUnknown = value === 2n ** BigInt(7 * sizeLength) - 1n;
    const start = at + idLength + sizeLength;
    const end = isUnknown ? bytes.byteLength : start + Number(value);
    const size = isUnknown ? null : Number(value);
    elements.push({ id, position: base + at, size, content: bytes.subarray(start, end) });
    at = end;
  }
  return elements;
}

/** The content of the first element with this ID. */
export function findContent(elements: readonly ReadElement[], id: number): Buffer {
  const found = elements.find((element) => element.id === id);
  if (found === undefined) throw new Error(`there is no element 0x${id.toString(16)}`);
  return found.content;
}

function vintLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  return Math.clz32(first) - 23;
}
