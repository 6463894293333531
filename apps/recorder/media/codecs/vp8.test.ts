import { expect, test } from "vitest";
import type { JoinedPicture } from "./picture-codec.ts";
import { PictureParts } from "./picture-parts.ts";
import { Vp8Codec } from "./vp8.ts";

/** A key frame of 1920x1080, scaled up by a player if it wants to. */
const KEY = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x47, 0x38, 0x84];
const DELTA = [0x11, 0, 0, 0xde, 0xad];

function joinOne(payload: readonly number[]): JoinedPicture | string {
  const codec = new Vp8Codec();
  const parts = new PictureParts();
  return codec.take(Uint8Array.from(payload), true, parts) ?? codec.join(parts);
}

test.each([
  ["flags only", [0x10]],
  ["a 7-bit picture id", [0x90, 0x80, 0x11]],
  ["a 15-bit picture id", [0x90, 0x80, 0x91, 0x22]],
  ["TL0PICIDX", [0x90, 0x40, 0x33]],
  ["a temporal layer", [0x90, 0x20, 0x40]],
  ["a key index", [0x90, 0x10, 0x01]],
  ["everything", [0x90, 0xf0, 0x91, 0x22, 0x33, 0x41]],
])("a descriptor with %s is skipped", (_case, descriptor) => {
  expect(joinOne([...descriptor, ...DELTA])).toEqual({
    data: Uint8Array.from(DELTA),
    key: false,
    size: null,
    codecPrivate: null,
  });
});

test("a key frame carries its size", () => {
  expect(joinOne([0x10, ...KEY])).toEqual({
    data: Uint8Array.from(KEY),
    key: true,
    size: { width: 1920, height: 1080 },
    codecPrivate: null,
  });
});

test.each([
  ["no data after the descriptor", [0x90, 0x80, 0x11], "a payload descriptor is malformed"],
  ["a frame tag that is cut off", [0x10, 0x11, 0], "its frame header is malformed"],
  ["a key frame that is cut off", [0x10, ...KEY.slice(0, 9)], "its frame header is malformed"],
  ["a wrong start code", [0x10, ...KEY.with(4, 0x02)], "its frame header is malformed"],
  ["a size of nothing", [0x10, ...KEY.with(6, 0).with(7, 0)], "its frame header is malformed"],
])("%s is told", (_case, payload, expected) => {
  expect(joinOne(payload)).toBe(expected);
});

test.each([
  ["the beginning of the first partition", 0x10, "first"],
  ["the beginning of another partition", 0x11, "later"],
  ["the rest of a partition", 0x00, "later"],
])("%s is known", (_case, flags, place) => {
  expect(new Vp8Codec().place(Uint8Array.of(flags, 0))).toBe(place);
});
