import { expect, test } from "vitest";
import { H264Codec } from "./h264.ts";
import { parseSps } from "./h264-parameter-sets.ts";
import type { JoinedPicture } from "./picture-codec.ts";
import { PictureParts } from "./picture-parts.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

// As openh264 in Chromium wrote them.
const SPS = hex("6742c01f 8c8d4050 17fcb370 10d01078 442350");
const PPS = hex("68ce3c80");
const IDR = hex("65b80004 0000");
const SLICE = hex("41e00042");

/** What a picture becomes whose packets have these payloads. */
function join(payloads: readonly Uint8Array[], codec = new H264Codec()): JoinedPicture | string {
  const parts = new PictureParts();
  for (const [index, payload] of payloads.entries()) {
    const fault = codec.take(payload, index === payloads.length - 1, parts);
    if (fault !== null) return fault;
  }
  return codec.join(parts);
}

function aggregate(...units: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([0x78, ...units.flatMap((unit) => [0, unit.byteLength, ...unit])]);
}

/** FU-A packets of one NAL unit, `bytes` of it in each. */
function fragments(unit: Uint8Array, bytes: number): Uint8Array[] {
  const [header = 0] = unit;
  const rest = [...unit.subarray(1)];
  return Array.from({ length: Math.ceil(rest.length / bytes) }, (_, index) => {
    const share = rest.slice(index * bytes, (index + 1) * bytes);
    const flags = (index === 0 ? 0x80 : 0) | ((index + 1) * bytes >= rest.length ? 0x40 : 0);
    return Uint8Array.from([(header & 0xe0) | 28, flags | (header & 0x1f), ...share]);
  });
}

const withLengths = (...units: readonly Uint8Array[]) =>
  Uint8Array.from(units.flatMap((unit) => [0, 0, 0, unit.byteLength, ...unit]));

const KEY: JoinedPicture = {
  data: withLengths(SPS, PPS, IDR),
  key: true,
  size: { width: 640, height: 360 },
  codecPrivate: hex(`0142c01f ffe10013 ${Buffer.from(SPS).toString("hex")} 010004 68ce3c80`),
};

test.each([
  ["single NAL units", [SPS, PPS, IDR]],
  ["an aggregation", [aggregate(SPS, PPS, IDR)]],
  ["an aggregation and fragments", [aggregate(SPS, PPS), ...fragments(IDR, 2)]],
  ["one fragment", [aggregate(SPS, PPS), ...fragments(IDR, 99)]],
])("a key picture in %s becomes NAL units with lengths and a decoder configuration", (_case, payloads) => {
  expect(join(payloads)).toEqual(KEY);
});

test("parameter sets that an encoder sends but once serve later key pictures too", () => {
  const codec = new H264Codec();
  expect(join([IDR], codec)).toBe("its parameter sets never came");
  join([SPS, PPS, IDR], codec);
  expect(join([SLICE], codec)).toEqual({
    data: withLengths(SLICE),
    key: false,
    size: null,
    codecPrivate: null,
  });
  expect(join([IDR], codec)).toEqual({ ...KEY, data: withLengths(IDR) });
});

test.each([
  ["a fragment that was not begun", fragments(SLICE, 1).slice(1), "a NAL unit is not whole"],
  [
    "a NAL unit that is begun twice",
    [fragments(SLICE, 1)[0], fragments(SLICE, 1)[0]],
    "a NAL unit is not whole",
  ],
  ["a NAL unit within another", [fragments(SLICE, 1)[0], SLICE], "a NAL unit has no end"],
  [
    "a picture that ends within a NAL unit",
    fragments(SLICE, 1).slice(0, 2),
    "it is marked as complete before its last packet",
  ],
  ["a fragment without bytes", [hex("7c 85")], "a fragment is empty"],
  ["an aggregation that is cut off", [aggregate(SPS).subarray(0, 9)], "an aggregation packet is malformed"],
  ["an aggregation with an empty unit", [hex("78 0000")], "an aggregation packet is malformed"],
  ["an interleaved packet", [hex("79 0000 0001 41")], "its packetization (type 25) is not of mode 1"],
  ["a picture without a slice", [SPS, PPS], "it has no slice"],
  [
    "a sequence parameter set that is cut off",
    [SPS.subarray(0, 6), PPS, IDR],
    "its sequence parameter set is malformed",
  ],
])("%s is told", (_case, payloads, expected) => {
  expect(join(payloads.filter((payload) => payload !== undefined))).toBe(expected);
});

test.each([
  ["an access unit delimiter", hex("09f0"), "first"],
  ["an aggregation that begins with one", aggregate(hex("09f0"), SPS), "first"],
  ["a sequence parameter set", SPS, "first-of-key"],
  ["an aggregation that begins with one", aggregate(SPS, PPS), "first-of-key"],
  ["an aggregation in which one follows", aggregate(hex("0605"), SPS, PPS), "first-of-key"],
  ["an aggregation without one", aggregate(hex("0605"), SLICE), "unknown"],
  ["an aggregation that is cut off", hex("7800"), "unknown"],
  ["a slice", SLICE, "unknown"],
  ["the first fragment", hex("7c85 00"), "unknown"],
  ["another fragment", hex("7c05 00"), "later"],
])("the place of %s is known as far as it tells", (_case, payload, place) => {
  expect(new H264Codec().place(payload)).toBe(place);
});

test.each([
  [
    "High, 1080p cropped from 1088 lines",
    "67640028 acd940780 227e5c044000003004000000c83c60c658",
    1920,
    1080,
  ],
])("the size of %s is read", (_case, sps, width, height) => {
  expect(parseSps(hex(sps))).toMatchObject({ width, height, chromaFormat: 1, bitDepthLuma: 8 });
});
