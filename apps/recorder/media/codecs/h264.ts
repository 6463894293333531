import { buildAvcConfiguration, parseSps } from "./h264-parameter-sets.ts";
import type { JoinedPicture, PictureCodec, Place } from "./picture-codec.ts";
import type { PictureParts } from "./picture-parts.ts";

/** Types of NAL units (H.264 table 7-1) and of what RFC 6184 packs them in (table 1). */
const NAL = { slice: 1, idrSlice: 5, sps: 7, pps: 8, delimiter: 9, stapA: 24, fuA: 28 } as const;
const NAL_TYPE = 0x1f;
/** First and last fragment of a NAL unit. */
const FRAGMENT_BEGINS = 0x80;
const FRAGMENT_ENDS = 0x40;
const LENGTH_BYTES = 4;

/**
 * H264 (RFC 6184, packetization mode 1: single NAL units, STAP-A, FU-A). Pictures come out as NAL units with 4-byte lengths;
 * parameter sets stay where the sender put them, so that a decoder notices when they change.
 */
export class H264Codec implements PictureCodec {
  #isFragmentOpen = false;
  /** Of the last key picture that had them: some encoders do not repeat them. */
  #parameterSets: { sps: Uint8Array[]; pps: Uint8Array[] } = { sps: [], pps: [] };

  place(payload: Uint8Array): Place {
    const type = (payload[0] ?? 0) & NAL_TYPE;
    if (type === NAL.fuA) return ((payload[1] ?? 0) & FRAGMENT_BEGINS) !== 0 ? "unknown" : "later";
    if (type === NAL.stapA) return placeOfAggregate(payload);
    if (type === NAL.delimiter) return "first";
    return type === NAL.sps ? "first-of-key" : "unknown";
  }

  take(payload: Uint8Array, isLast: boolean, parts: PictureParts): string | null {
    if (parts.units === 0) this.#isFragmentOpen = false;
    const type = (payload[0] ?? 0) & NAL_TYPE;
    if (type === NAL.fuA) return this.#takeFragment(payload, isLast, parts);
    if (this.#isFragmentOpen) return "a NAL unit has no end";
    if (type === NAL.stapA) return takeAggregate(payload, parts);
    if (type === 0 || type > NAL.stapA) return `its packetization (type ${type}) is not of mode 1`;
    parts.beginUnit(payload);
    return null;
  }

  join(parts: PictureParts): JoinedPicture | string {
    const data = joinWithLengths(parts);
    if (!hasUnit(parts, NAL.idrSlice)) {
      return hasUnit(parts, NAL.slice)
        ? { data, key: false, size: null, codecPrivate: null }
        : "it has no slice";
    }
    if (hasUnit(parts, NAL.sps)) this.#parameterSets.sps = copyUnits(parts, NAL.sps);
    if (hasUnit(parts, NAL.pps)) this.#parameterSets.pps = copyUnits(parts, NAL.pps);
    const { sps, pps } = this.#parameterSets;
    const [firstSps] = sps;
    if (firstSps === undefined || pps.length === 0) return "its parameter sets never came";
    const facts = parseSps(firstSps);
    if (facts === null) return "its sequence parameter set is malformed";
    const { width, height } = facts;
    return {
      data,
      key: true,
      size: { width, height },
      codecPrivate: buildAvcConfiguration(firstSps, facts, sps, pps),
    };
  }

  /** FU-A (RFC 6184 section 5.8): the NAL unit's header is split between the packet's first two bytes. */
  #takeFragment(payload: Uint8Array, isLast: boolean, parts: PictureParts): string | null {
    const [indicator, header] = payload;
    if (indicator === undefined || header === undefined || payload.byteLength < 3)
      return "a fragment is empty";
    const begins = (header & FRAGMENT_BEGINS) !== 0;
    const ends = (header & FRAGMENT_ENDS) !== 0;
    if (begins === this.#isFragmentOpen) return "a NAL unit is not whole";
    if (begins) parts.beginUnit(Uint8Array.of((indicator & ~NAL_TYPE) | (header & NAL_TYPE)));
    parts.extendUnit(payload.subarray(2));
    this.#isFragmentOpen = !ends;
    return isLast && !ends ? "it is marked as complete before its last packet" : null;
  }
}

/** Of a packet whose first NAL unit may be one that a key picture can do without (SEI). */
function placeOfAggregate(payload: Uint8Array): Place {
  for (let at = 1; at + 2 < payload.byteLength; ) {
    const type = (payload[at + 2] ?? 0) & NAL_TYPE;
    if (type === NAL.delimiter) return "first";
    if (type === NAL.sps) return "first-of-key";
    at += 2 + aggregatedLength(payload, at);
  }
  return "unknown";
}

function aggregatedLength(payload: Uint8Array, at: number): number {
  return (payload[at] ?? 0) * 256 + (payload[at + 1] ?? 0);
}

/** STAP-A (RFC 6184 section 5.7.1): NAL units behind their 2-byte lengths. */
function takeAggregate(payload: Uint8Array, parts: PictureParts): string | null {
  for (let at = 1; at < payload.byteLength; ) {
    const length = aggregatedLength(payload, at);
    const end = at + 2 + length;
    if (length === 0 || end > payload.byteLength) return "an aggregation packet is malformed";
    parts.beginUnit(payload.subarray(at + 2, end));
    at = end;
  }
  return null;
}

function hasUnit(parts: PictureParts, type: number): boolean {
  for (let unit = 0; unit < parts.units; unit++) {
    if ((parts.byteAt(unit, 0) & NAL_TYPE) === type) return true;
  }
  return false;
}

function joinWithLengths(parts: PictureParts): Uint8Array {
  const whole = new Uint8Array(parts.bytes + LENGTH_BYTES * parts.units);
  for (let unit = 0, at = 0; unit < parts.units; unit++) {
    const length = parts.lengthOf(unit);
    for (let shift = 24; shift >= 0; shift -= 8) whole[at++] = length >>> shift;
    at = parts.copyUnit(unit, 0, whole, at);
  }
  return whole;
}

function copyUnits(parts: PictureParts, type: number): Uint8Array[] {
  const copies: Uint8Array[] = [];
  for (let unit = 0; unit < parts.units; unit++) {
    if ((parts.byteAt(unit, 0) & NAL_TYPE) !== type) continue;
    const copy = new Uint8Array(parts.lengthOf(unit));
    parts.copyUnit(unit, 0, copy, 0);
    copies.push(copy);
  }
  return copies;
}
