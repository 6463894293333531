import { BitReader } from "./bit-reader.ts";

/** What the recorder needs of a sequence parameter set. */
export interface SpsFacts {
  /** Pixels, cropped. */
  width: number;
  height: number;
  /** chroma_format_idc: 1 = 4:2:0. */
  chromaFormat: number;
  bitDepthLuma: number;
  bitDepthChroma: number;
}

/** Profiles whose parameter sets tell of chroma format and bit depth (H.264 section 7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const MAX_PARAMETER_SETS = 31;

/** Reads a sequence parameter set (a NAL unit with its header, H.264 section 7.3.2.1.1); null when it is malformed. */
export function parseSps(nalUnit: Uint8Array): SpsFacts | null {
  const bits = new BitReader(withoutEmulationPrevention(nalUnit.subarray(1)));
  const profile = bits.read(8);
  bits.read(16); // constraint flags, level
  bits.readExpGolomb(); // seq_parameter_set_id
  const depth = HIGH_PROFILES.has(profile)
    ? readDepth(bits)
    : { chromaFormat: 1, bitDepthLuma: 8, bitDepthChroma: 8 };
  bits.readExpGolomb(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.readExpGolomb(); // max_num_ref_frames
  bits.read(1); // gaps_in_frame_num_value_allowed_flag
  const macroblocksWide = bits.readExpGolomb() + 1;
  const mapUnitsHigh = bits.readExpGolomb() + 1;
  const fieldsPerFrame = bits.flag() ? 1 : 2; // frame_mbs_only_flag
  if (fieldsPerFrame === 2) bits.read(1); // mb_adaptive_frame_field_flag
  bits.read(1); // direct_8x8_inference_flag
  const crop = readCrop(bits);
  if (bits.overrun) return null;
  const cropX = depth.chromaFormat === 1 || depth.chromaFormat === 2 ? 2 : 1;
  const cropY = (depth.chromaFormat === 1 ? 2 : 1) * fieldsPerFrame;
  const width = 16 * macroblocksWide - cropX * (crop.left + crop.right);
  const height = 16 * mapUnitsHigh * fieldsPerFrame - cropY * (crop.top + crop.bottom);
  return width > 0 && height > 0 ? { width, height, ...depth } : null;
}

/**
 * The decoder configuration record of ISO/IEC 14496-15 (section 5.3.3.1), for NAL units with 4-byte lengths.
 *
 * @param first - the parameter set that `facts` are of; at least 4 bytes.
 */
export function buildAvcConfiguration(
  first: Uint8Array,
  facts: SpsFacts,
  sps: readonly Uint8Array[],
  pps: readonly Uint8Array[],
): Uint8Array {
  const [, profile = 0, constraints = 0, level = 0] = first;
  const spsTaken = sps.slice(0, MAX_PARAMETER_SETS);
  const ppsTaken = pps.slice(0, MAX_PARAMETER_SETS);
  const high = [
    0xfc | facts.chromaFormat,
    0xf8 | (facts.bitDepthLuma - 8),
    0xf8 | (facts.bitDepthChroma - 8),
    0,
  ];
  return Uint8Array.from([
    ...[1, profile, constraints, level, 0xff],
    ...[0xe0 | spsTaken.length, ...spsTaken.flatMap(withLength)],
    ...[ppsTaken.length, ...ppsTaken.flatMap(withLength)],
    ...(HIGH_PROFILES.has(profile) ? high : []),
  ]);
}

function withLength(nalUnit: Uint8Array): number[] {
  return [nalUnit.byteLength >> 8, nalUnit.byteLength & 0xff, ...nalUnit];
}

function readDepth(bits: BitReader): Pick<SpsFacts, "chromaFormat" | "bitDepthLuma" | "bitDepthChroma"> {
  const chromaFormat = bits.readExpGolomb();
  if (chromaFormat === 3) bits.read(1); // separate_colour_plane_flag
  const bitDepthLuma = 8 + bits.readExpGolomb();
  const bitDepthChroma = 8 + bits.readExpGolomb();
  bits.read(1); // qpprime_y_zero_transform_bypass_flag
  const hasScalingMatrix = bits.flag();
  if (hasScalingMatrix) {
    for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list++) {
      const isPresent = bits.flag();
      if (isPresent) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return { chromaFormat, bitDepthLuma, bitDepthChroma };
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let i = 0, next = 8; i < size; i++) {
    if (next !== 0) next = (last + readSignedExpGolomb(bits) + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.readExpGolomb();
  if (type === 0) {
    bits.readExpGolomb(); // log2_max_pic_order_cnt_lsb_minus4
  } else if (type === 1) {
    bits.read(1); // delta_pic_order_always_zero_flag
    bits.readExpGolomb(); // offset_for_non_ref_pic
    bits.readExpGolomb(); // offset_for_top_to_bottom_field
    const cycle = bits.readExpGolomb();
    for (let i = 0; i < cycle && !bits.overrun; i++) bits.readExpGolomb(); // offset_for_ref_frame
  }
}

function readCrop(bits: BitReader): { left: number; right: number; top: number; bottom: number } {
  const isCropped = bits.flag();
  if (!isCropped) return { left: 0, right: 0, top: 0, bottom: 0 };
  const left = bits.readExpGolomb();
  const right = bits.readExpGolomb();
  const top = bits.readExpGolomb();
  const bottom = bits.readExpGolomb();
  return { left, right, top, bottom };
}

function readSignedExpGolomb(bits: BitReader): number {
  const code = bits.readExpGolomb();
  return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
}

/** Takes out the 3 of each 0 0 3 (H.264 section 7.4.1). */
function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  return bytes.filter(
    (byte, index) => byte !== 3 || index < 2 || bytes[index - 1] !== 0 || bytes[index - 2] !== 0,
  );
}
