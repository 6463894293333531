import { expect, test } from "vitest";
import { Av1Codec } from "./av1.ts";
import type { JoinedPicture } from "./picture-codec.ts";
import { PictureParts } from "./picture-parts.ts";

const hex = (text: string) => [...Buffer.from(text.replaceAll(" ", ""), "hex")];

/** As libaom of Chromium wrote it (L1T3, 640x360), without size. */
const SEQUENCE = hex("08 00210708 81844043 313fd9c0 1a0080");
const SEQUENCE_SIZED = [0x0a, SEQUENCE.length - 1, ...SEQUENCE.slice(1)];
/** show_frame of a key frame, then of an inter frame. */
const KEY_FRAME = hex("30 10 00 0000 aabbcc");
const KEY_FRAME_SIZED = [0x32, KEY_FRAME.length - 1, ...KEY_FRAME.slice(1)];
/** With an extension: the second temporal layer. */
const DELTA_FRAME = hex("34 20 30 ddee");
const DELTA_FRAME_SIZED = hex("36 20 03 30 ddee");
const DELIMITER = hex("12 00");

/** What a picture becomes whose packets have these payloads. */
function join(...payloads: readonly number[][]): JoinedPicture | string {
  const codec = new Av1Codec();
  const parts = new PictureParts();
  for (const [index, payload] of payloads.entries()) {
    const fault = codec.take(Uint8Array.from(payload), index === payloads.length - 1, parts);
    if (fault !== null) return fault;
  }
  return codec.join(parts);
}

const element = (obu: readonly number[]) => [obu.length, ...obu];

const KEY: JoinedPicture = {
  data: Uint8Array.from([...SEQUENCE_SIZED, ...KEY_FRAME_SIZED]),
  key: true,
  size: { width: 640, height: 360 },
  codecPrivate: Uint8Array.from([0x81, 0x01, 0x0c, 0x00, ...SEQUENCE_SIZED]),
};
const DELTA: JoinedPicture = {
  data: Uint8Array.from(DELTA_FRAME_SIZED),
  key: false,
  size: null,
  codecPrivate: null,
};

test.each([
  ["counted elements", [[0x28, ...element(SEQUENCE), ...KEY_FRAME]]],
  ["elements that all have lengths", [[0x08, ...element(SEQUENCE), ...element(KEY_FRAME)]]],
  ["OBUs with sizes", [[0x28, ...element(SEQUENCE_SIZED), ...KEY_FRAME_SIZED]]],
  [
    "a packet each",
    [
      [0x18, ...SEQUENCE],
      [0x10, ...KEY_FRAME],
    ],
  ],
  [
    "fragments",
    [
      [0x68, ...element(SEQUENCE), ...KEY_FRAME.slice(0, 2)],
      [0xd0, ...KEY_FRAME.slice(2, 4)],
      [0x90, ...KEY_FRAME.slice(4)],
    ],
  ],
  [
    "a fragment of the header alone",
    [
      [0x68, ...element(SEQUENCE), ...KEY_FRAME.slice(0, 1)],
      [0x80, ...element(KEY_FRAME.slice(1))],
    ],
  ],
])("a key picture in %s becomes OBUs with sizes and a decoder configuration", (_case, payloads) => {
  expect(join(...payloads)).toEqual(KEY);
});

test.each([
  ["a frame alone", [[0x10, ...DELTA_FRAME]]],
  ["a frame behind a temporal delimiter", [[0x20, ...element(DELIMITER), ...DELTA_FRAME]]],
  ["a frame before padding", [[0x20, ...element(DELTA_FRAME), 0x78, 0]]],
  ["a frame and an empty element", [[0x00, ...element(DELTA_FRAME), 0]]],
])("%s keeps its layer, and containers get no more than they want", (_case, payloads) => {
  expect(join(...payloads)).toEqual(DELTA);
});

test.each([
  ["no element at all", [[0x10]], "an OBU element is malformed"],
  ["an element that is cut off", [[0x00, 9, ...DELTA_FRAME]], "an OBU element is malformed"],
  ["a length that has no end", [[0x00, 0x80, 0x80]], "an OBU element is malformed"],
  ["a length beyond all bounds", [[0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 1]], "an OBU element is malformed"],
  ["an element that was not begun", [[0x90, ...DELTA_FRAME]], "an OBU is not whole"],
  [
    "an element that does not go on",
    [
      [0x50, ...DELTA_FRAME],
      [0x10, ...DELTA_FRAME],
    ],
    "an OBU is not whole",
  ],
  [
    "a picture that ends within an OBU",
    [[0x50, ...DELTA_FRAME]],
    "it is marked as complete before its last packet",
  ],
  ["an OBU that says another size", [[0x10, 0x32, 9, 0x30, 0xdd]], "an OBU is malformed"],
  ["an OBU with the forbidden bit", [[0x10, 0xb0, 0x30]], "an OBU is malformed"],
  ["a picture without a frame", [[0x18, ...SEQUENCE]], "it has no frame"],
  [
    "a sequence header that is cut off",
    [[0x28, ...element(SEQUENCE.slice(0, 4)), ...KEY_FRAME]],
    "its sequence header is malformed",
  ],
])("%s is told", (_case, payloads, expected) => {
  expect(join(...payloads)).toBe(expected);
});

test("a key frame without a sequence header is no place to begin at", () => {
  expect(join([0x10, ...KEY_FRAME])).toMatchObject({ key: false, size: null, codecPrivate: null });
});

test.each([
  ["the first packet of a sequence", 0x18, "first"],
  ["a packet that goes on with an OBU", 0x90, "later"],
  ["any other packet", 0x10, "unknown"],
])("the place of %s is known as far as it tells", (_case, header, place) => {
  expect(new Av1Codec().place(Uint8Array.of(header, 0))).toBe(place);
});
