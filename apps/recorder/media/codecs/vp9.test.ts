import fc from "fast-check";
import { expect, test } from "vitest";
import type { JoinedPicture } from "./picture-codec.ts";
import { PictureParts } from "./picture-parts.ts";
import { Vp9Codec } from "./vp9.ts";

/** A string of bits (spaces do not count) as bytes. */
function bytes(bits: string): Uint8Array {
  const plain = bits.replaceAll(" ", "");
  return Uint8Array.from(plain.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
}

/** What a picture of one packet becomes. */
function joinOne(payload: readonly number[]): JoinedPicture | string {
  const codec = new Vp9Codec();
  const parts = new PictureParts();
  const fault = codec.take(Uint8Array.from(payload), false, parts);
  return fault ?? codec.join(parts);
}

const DELTA = [0x86, 0xde, 0xad];
const bits = (value: number, count: number) => value.toString(2).padStart(count, "0");
const SYNC = bits(0x498342, 24);
const SIZE = bits(1919, 16) + bits(1079, 16);
const FULL_HD = { key: true, size: { width: 1920, height: 1080 } };
const MALFORMED = "its frame header is malformed";

test.each([
  ["flags only", [0x0c]],
  ["a 7-bit picture id", [0x88, 0x11]],
  ["a 15-bit picture id", [0x84, 0x91, 0x22]],
  ["layers with TL0PICIDX", [0x28, 0x00, 0x33]],
  ["layers in flexible mode", [0x38, 0x00]],
  ["one reference", [0x58, 0x02]],
  ["three references", [0x58, 0x03, 0x05, 0x06]],
  ["a structure without anything", [0x0a, 0x00]],
  ["a structure with two sizes", [0x0a, 0x30, 5, 0, 2, 208, 2, 128, 1, 104]],
  ["a structure with a picture group", [0x0a, 0x08, 2, 0x04, 0x01, 0x08, 0x01, 0x02]],
])("a descriptor with %s is skipped", (_case, descriptor) => {
  expect(joinOne([...descriptor, ...DELTA])).toMatchObject({ data: Uint8Array.from(DELTA), key: false });
});

test.each([
  ["nothing", []],
  ["no data after the descriptor", [0x88, 0x11]],
  ["a picture id that is cut off", [0x88]],
  ["four references", [0x58, 1, 1, 1, 1, 9, 9]],
  ["a structure that is cut off", [0x0a, 0x30, 5, 0]],
])("%s is malformed", (_case, payload) => {
  expect(joinOne(payload)).toBe("a payload descriptor is malformed");
});

test.each([
  ["layers with TL0PICIDX", [0x28, 0x02, 0x33]],
  ["layers in flexible mode", [0x38, 0x04]],
  ["layers behind a picture id", [0xa8, 0x91, 0x22, 0x02, 0x33]],
])("a second spatial layer in %s is refused", (_case, descriptor) => {
  expect(joinOne([...descriptor, ...DELTA])).toBe("it has more than one spatial layer");
});

test.each<[string, string, Partial<JoinedPicture> | string]>([
  ["a key frame of profile 0", `10 00 0 0 10 ${SYNC} 001 0 ${SIZE}`, FULL_HD],
  ["a key frame of profile 1", `10 10 0 0 10 ${SYNC} 001 0 000 ${SIZE}`, FULL_HD],
  ["a key frame of profile 1 in RGB", `10 10 0 0 10 ${SYNC} 111 0 ${SIZE}`, FULL_HD],
  ["a key frame of profile 2", `10 01 0 0 10 ${SYNC} 1 001 0 ${SIZE}`, FULL_HD],
  ["a key frame of profile 3", `10 11 0 0 0 10 ${SYNC} 1 001 0 000 ${SIZE}`, FULL_HD],
  [
    "the smallest picture",
    `10 00 0 0 10 ${SYNC} 001 0 ${bits(0, 32)}`,
    { key: true, size: { width: 1, height: 1 } },
  ],
  ["an inter frame", "10 00 0 1 10", { key: false, size: null }],
  ["an old frame that is shown again", "10 00 1 000", { key: false, size: null }],
  ["a wrong frame marker", "01 00 0 1 10", MALFORMED],
  ["a profile that is reserved", "10 11 1 0 1 10", MALFORMED],
  ["a wrong sync code", `10 00 0 0 10 ${bits(0x498343, 24)} 001 0 ${SIZE}`, MALFORMED],
  ["a size that is cut off", `10 00 0 0 10 ${SYNC} 001 0 ${bits(1919, 16)}`, MALFORMED],
])("%s is read from its own header", (_case, header, expected) => {
  const joined = joinOne([0x0c, ...bytes(header)]);
  if (typeof expected === "string") expect(joined).toBe(expected);
  else expect(joined).toMatchObject(expected);
});

test("garbage never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
      expect(() => joinOne([...garbage])).not.toThrow();
    }),
  );
});
