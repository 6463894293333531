/** What the recorder needs of a VP9 frame's uncompressed header. */
export type Vp9FrameHeader = { key: false } | { key: true; width: number; height: number };

const FRAME_MARKER = 0b10;
const SYNC_CODE = 0x49_83_42;
const COLOR_SPACE_RGB = 7;

/**
 * Reads the uncompressed header of a VP9 frame (VP9 bitstream specification 0.7, section 6.2) as far as the picture size
 * of a key frame; null when the bytes are no VP9 frame.
 */
export function parseVp9FrameHeader(frame: Uint8Array): Vp9FrameHeader | null {
  const bits = new BitReader(frame);
  if (bits.read(2) !== FRAME_MARKER) return null;
  const profile = bits.read(1) | (bits.read(1) << 1);
  if (profile === 3 && bits.read(1) !== 0) return null;
  const showExisting = bits.read(1) === 1;
  if (showExisting) return bits.overrun ? null : { key: false };
  const isInter = bits.read(1) === 1;
  bits.read(2); // show_frame, error_resilient_mode
  if (bits.overrun) return null;
  if (isInter) return { key: false };

  if (bits.read(24) !== SYNC_CODE) return null;
  skipColorConfig(bits, profile);
  const width = bits.read(16) + 1;
  const height = bits.read(16) + 1;
  return bits.overrun ? null : { key: true, width, height };
}

function skipColorConfig(bits: BitReader, profile: number): void {
  if (profile >= 2) bits.read(1); // ten_or_twelve_bit
  const hasSubsampling = profile === 1 || profile === 3;
  if (bits.read(3) === COLOR_SPACE_RGB) {
    if (hasSubsampling) bits.read(1); // reserved_zero
    return;
  }
  bits.read(1); // color_range
  if (hasSubsampling) bits.read(3); // subsampling_x, subsampling_y, reserved_zero
}

class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  overrun = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#position++) {
      const byte = this.#bytes[this.#position >> 3];
      if (byte === undefined) {
        this.overrun = true;
        return 0;
      }
      value = (value << 1) | ((byte >> (7 - (this.#position & 7))) & 1);
    }
    return value;
  }
}
