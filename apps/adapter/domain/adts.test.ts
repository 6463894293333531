import { expect, test } from "vitest";
import { readPacketLength } from "./adts.ts";

// Of ffmpeg: AAC-LC, 16 kHz, mono, without a checksum, 334 bytes.
const HEAD = [0xff, 0xf1, 0x60, 0x40, 0x29, 0xdf, 0xfc];

test("a packet's length is in its header", () => {
  expect(readPacketLength(Uint8Array.from(HEAD))).toBe(334);
});

test.each([
  ["cut off", HEAD.slice(0, 6)],
  ["not in sync", HEAD.with(0, 0xfe)],
  ["of MPEG layer 3", HEAD.with(1, 0xfb)],
  ["shorter than its header", HEAD.with(4, 0).with(5, 0xdf).with(3, 0x40)],
])("what is %s is no packet", (_, head) => {
  expect(readPacketLength(Uint8Array.from(head))).toBeNull();
});
