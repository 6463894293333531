import { BitReader } from "./bit-reader.ts";

/** What the recorder needs of a sequence header. */
export interface SequenceFacts {
  profile: number;
  /** Of the first operating point. */
  level: number;
  tier: number;
  isReducedStill: boolean;
  widthBits: number;
  heightBits: number;
  /** Largest size; a frame has it unless its header says otherwise. */
  width: number;
  height: number;
  hasDecoderModel: boolean;
  /** Bits of frame_presentation_time, where frame headers have it; else 0. */
  presentationTimeBits: number;
  /** Bits of a frame id; 0 without ids. */
  frameIdBits: number;
  /** 2 = each frame says for itself. */
  screenContentTools: number;
  integerMotion: number;
  orderHintBits: number;
  color: ColorFacts;
}

interface ColorFacts {
  isHighBitDepth: boolean;
  is12Bit: boolean;
  isMonochrome: boolean;
  subsamplingX: number;
  subsamplingY: number;
  chromaSamplePosition: number;
}

const SELECTED_PER_FRAME = 2;
const KEY_FRAME = 0;

/** Reads the payload of a sequence header OBU (AV1 bitstream specification 5.5); null when it is malformed. */
export function parseSequenceHeader(payload: Uint8Array): SequenceFacts | null {
  const bits = new BitReader(payload);
  const profile = bits.read(3);
  bits.read(1); // still_picture
  const isReducedStill = bits.flag();
  const operation = isReducedStill
    ? { level: bits.read(5), tier: 0, hasDecoderModel: false, presentationTimeBits: 0 }
    : readOperation(bits);
  const widthBits = bits.read(4) + 1;
  const heightBits = bits.read(4) + 1;
  const width = bits.read(widthBits) + 1;
  const height = bits.read(heightBits) + 1;
  const hasFrameIds = !isReducedStill && bits.flag();
  // additional_frame_id_length_minus_1 counts on from delta_frame_id_length_minus_2.
  const frameIdBits = hasFrameIds ? bits.read(4) + 2 + bits.read(3) + 1 : 0;
  bits.read(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
  const tools = isReducedStill
    ? { screenContentTools: SELECTED_PER_FRAME, integerMotion: SELECTED_PER_FRAME, orderHintBits: 0 }
    : readTools(bits);
  bits.read(3); // enable_superres, enable_cdef, enable_restoration
  const color = readColor(bits, profile);
  if (bits.overrun) return null;
  return {
    profile,
    isReducedStill,
    widthBits,
    heightBits,
    width,
    height,
    frameIdBits,
    color,
    ...operation,
    ...tools,
  };
}

/**
 * Reads a frame header (AV1 bitstream specification 5.9.2) as far as the size of a key frame that is shown; null for any
 * other frame.
 */
export function parseFrameHeader(
  payload: Uint8Array,
  sequence: SequenceFacts,
): { width: number; height: number } | null {
  const { width, height } = sequence;
  if (sequence.isReducedStill) return { width, height };
  const bits = new BitReader(payload);
  const isShownAgain = bits.flag();
  const type = bits.read(2);
  const isShown = bits.flag();
  if (bits.overrun || isShownAgain || type !== KEY_FRAME || !isShown) return null;
  bits.read(sequence.presentationTimeBits);
  bits.read(1); // disable_cdf_update
  const allowsScreenContentTools =
    sequence.screenContentTools === SELECTED_PER_FRAME ? bits.flag() : sequence.screenContentTools === 1;
  if (allowsScreenContentTools && sequence.integerMotion === SELECTED_PER_FRAME) bits.read(1); // force_integer_mv
  bits.read(sequence.frameIdBits);
  const isOtherSize = bits.flag();
  bits.read(sequence.orderHintBits);
  // Removal times would stand before the size; no encoder of live video writes them.
  const hasRemovalTimes = sequence.hasDecoderModel && bits.flag();
  if (bits.overrun) return null;
  if (!isOtherSize || hasRemovalTimes) return { width, height };
  const own = { width: bits.read(sequence.widthBits) + 1, height: bits.read(sequence.heightBits) + 1 };
  return bits.overrun ? null : own;
}

/** The av1C record (AV1 in ISO base media files, section 2.3.3), which Matroska has as codec private too. */
export function buildAv1Configuration(facts: SequenceFacts, sequenceHeader: Uint8Array): Uint8Array {
  const { profile, level, tier, color } = facts;
  const flags =
    (tier << 7) |
    (Number(color.isHighBitDepth) << 6) |
    (Number(color.is12Bit) << 5) |
    (Number(color.isMonochrome) << 4) |
    (color.subsamplingX << 3) |
    (color.subsamplingY << 2) |
    color.chromaSamplePosition;
  const configuration = new Uint8Array(4 + sequenceHeader.byteLength);
  configuration.set([0x81, (profile << 5) | level, flags, 0]);
  configuration.set(sequenceHeader, 4);
  return configuration;
}

type Operation = Pick<SequenceFacts, "level" | "tier" | "hasDecoderModel" | "presentationTimeBits">;

function readOperation(bits: BitReader): Operation {
  let hasDecoderModel = false;
  let removalDelayBits = 0;
  let presentationTimeBits = 0;
  const hasTiming = bits.flag();
  if (hasTiming) {
    bits.read(32); // num_units_in_display_tick
    bits.read(32); // time_scale
    const isEvenlySpaced = bits.flag();
    if (isEvenlySpaced) bits.readExpGolomb(); // num_ticks_per_picture_minus_1
    hasDecoderModel = bits.flag();
    if (hasDecoderModel) {
      removalDelayBits = bits.read(5) + 1;
      bits.read(32); // num_units_in_decoding_tick
      bits.read(5); // buffer_removal_time_length_minus_1
      const timeBits = bits.read(5) + 1;
      presentationTimeBits = isEvenlySpaced ? 0 : timeBits;
    }
  }
  const hasInitialDelay = bits.flag();
  const points = bits.read(5) + 1;
  let level = 0;
  let tier = 0;
  for (let point = 0; point < points; point++) {
    bits.read(12); // operating_point_idc
    const pointLevel = bits.read(5);
    const pointTier = pointLevel > 7 ? bits.read(1) : 0;
    if (point === 0) {
      level = pointLevel;
      tier = pointTier;
    }
    if (hasDecoderModel && bits.flag()) {
      bits.read(removalDelayBits); // decoder_buffer_delay
      bits.read(removalDelayBits); // encoder_buffer_delay
      bits.read(1); // low_delay_mode_flag
    }
    if (hasInitialDelay && bits.flag()) bits.read(4); // initial_display_delay_minus_1
  }
  return { level, tier, hasDecoderModel, presentationTimeBits };
}

function readTools(
  bits: BitReader,
): Pick<SequenceFacts, "screenContentTools" | "integerMotion" | "orderHintBits"> {
  bits.read(4); // enable_interintra_compound, enable_masked_compound, enable_warped_motion, enable_dual_filter
  const hasOrderHint = bits.flag();
  if (hasOrderHint) bits.read(2); // enable_jnt_comp, enable_ref_frame_mvs
  const screenContentTools = bits.flag() ? SELECTED_PER_FRAME : bits.read(1);
  let integerMotion = SELECTED_PER_FRAME;
  if (screenContentTools > 0) integerMotion = bits.flag() ? SELECTED_PER_FRAME : bits.read(1);
  const orderHintBits = hasOrderHint ? bits.read(3) + 1 : 0;
  return { screenContentTools, integerMotion, orderHintBits };
}

/** color_config() (AV1 bitstream specification 5.5.2). */
function readColor(bits: BitReader, profile: number): ColorFacts {
  const isHighBitDepth = bits.flag();
  const is12Bit = profile === 2 && isHighBitDepth && bits.flag();
  const isMonochrome = profile !== 1 && bits.flag();
  const hasDescription = bits.flag();
  const [primaries, transfer, matrix] = hasDescription
    ? [bits.read(8), bits.read(8), bits.read(8)]
    : [2, 2, 2];
  const depth = { isHighBitDepth, is12Bit, isMonochrome };
  if (isMonochrome) return { ...depth, subsamplingX: 1, subsamplingY: 1, chromaSamplePosition: 0 };
  const isSrgb = primaries === 1 && transfer === 13 && matrix === 0;
  if (isSrgb) return { ...depth, subsamplingX: 0, subsamplingY: 0, chromaSamplePosition: 0 };
  bits.read(1); // color_range
  let subsamplingX = profile === 1 ? 0 : 1;
  let subsamplingY = profile === 0 ? 1 : 0;
  if (profile === 2 && is12Bit) {
    subsamplingX = bits.read(1);
    subsamplingY = subsamplingX === 1 ? bits.read(1) : 0;
  }
  const chromaSamplePosition = subsamplingX === 1 && subsamplingY === 1 ? bits.read(2) : 0;
  return { ...depth, subsamplingX, subsamplingY, chromaSamplePosition };
}
