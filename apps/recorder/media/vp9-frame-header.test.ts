import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVp9FrameHeader, type Vp9FrameHeader } from "./vp9-frame-header.ts";

/** A string of bits (spaces do not count) as bytes. */
function bytes(bits: string): Uint8Array {
  const plain = bits.replaceAll(" ", "");
  return Uint8Array.from(plain.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
}

const bits = (value: number, count: number) => value.toString(2).padStart(count, "0");
const SYNC = bits(0x498342, 24);
const SIZE = bits(1919, 16) + bits(1079, 16);
const FULL_HD: Vp9FrameHeader = { key: true, width: 1920, height: 1080 };

test.each<[string, string, Vp9FrameHeader | null]>([
  ["a key frame of profile 0", `10 00 0 0 10 ${SYNC} 001 0 ${SIZE}`, FULL_HD],
  ["a key frame of profile 1", `10 10 0 0 10 ${SYNC} 001 0 000 ${SIZE}`, FULL_HD],
  ["a key frame of profile 1 in RGB", `10 10 0 0 10 ${SYNC} 111 0 ${SIZE}`, FULL_HD],
  ["a key frame of profile 2", `10 01 0 0 10 ${SYNC} 1 001 0 ${SIZE}`, FULL_HD],
  ["a key frame of profile 3", `10 11 0 0 0 10 ${SYNC} 1 001 0 000 ${SIZE}`, FULL_HD],
  ["the smallest picture", `10 00 0 0 10 ${SYNC} 001 0 ${bits(0, 32)}`, { key: true, width: 1, height: 1 }],
  ["an inter frame", "10 00 0 1 10", { key: false }],
  ["an old frame that is shown again", "10 00 1 000", { key: false }],
  ["a wrong frame marker", "01 00 0 1 10", null],
  ["a profile that is reserved", "10 11 1 0 1 10", null],
  ["a wrong sync code", `10 00 0 0 10 ${bits(0x498343, 24)} 001 0 ${SIZE}`, null],
  ["a size that is cut off", `10 00 0 0 10 ${SYNC} 001 0 ${bits(1919, 16)}`, null],
  ["nothing", "", null],
])("%s", (_case, header, expected) => {
  expect(parseVp9FrameHeader(bytes(header))).toEqual(expected);
});

test("garbage never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (garbage) => {
      expect(() => parseVp9FrameHeader(garbage)).not.toThrow();
    }),
  );
});
