const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const HEADER_BYTES = 6;
const ENTRY_BYTES = 16;
/** What an entry of an .ico can say. */
const MAX_SIDE = 256;

/**
 * A Windows icon of square pictures in several sizes. Windows takes PNG in it since Vista.
 *
 * @param pngs - the pictures, as PNG with 32 bits a pixel.
 * @throws RangeError for one that is no PNG, not square, or of more than 256 pixels.
 */
export function icoOf(pngs: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pngs.length, 4);
  let offset = HEADER_BYTES + ENTRY_BYTES * pngs.length;
  const entries = pngs.map((png) => {
    const side = sideOf(Buffer.from(png));
    const entry = Buffer.alloc(ENTRY_BYTES);
    // 256 is written as 0.
    entry.writeUInt8(side % MAX_SIDE, 0);
    entry.writeUInt8(side % MAX_SIDE, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(png.length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += png.length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...pngs]);
}

function sideOf(png: Buffer): number {
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new RangeError("a picture is no PNG");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (width !== height || width > MAX_SIDE)
    throw new RangeError(`a picture is ${width}x${height}; an icon's are square, of 256 pixels at most`);
  return width;
}
