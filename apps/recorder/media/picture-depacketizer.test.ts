import fc from "fast-check";
import { expect, test } from "vitest";
import { createDepacketizer } from "./picture-depacketizer.ts";
import type { RtpPacket } from "./rtp-packet.ts";

// Uncompressed headers of profile 0: a key frame of 16x9 pixels, an inter frame.
const KEY = [0x82, 0x49, 0x83, 0x42, 0x20, 0x00, 0xf0, 0x00, 0x80];
const DELTA = [0x86];

const START = 0x08;
const END = 0x04;

type Step = Partial<RtpPacket> & { flags?: number; bytes?: number[]; afterLoss?: boolean };

/** What comes out: `K` or `d` for a key or delta picture with its time stamp, `!` for a loss. */
function play(steps: readonly Step[]): string[] {
  const depacketizer = createDepacketizer("vp9");
  return steps.flatMap(({ flags = START | END, bytes = DELTA, afterLoss = false, ...given }) => {
    const packet: RtpPacket = {
      payloadType: 100,
      marker: (flags & END) !== 0,
      sequenceNumber: 0,
      timestamp: 0,
      ssrc: 1,
      payload: Uint8Array.from([flags, ...bytes]),
      ...given,
    };
    const { picture, lost } = depacketizer.push({ packet, arrivedAt: 0, afterLoss, afterRestart: false });
    const out = lost === null ? [] : ["!"];
    if (picture) out.push(`${picture.key ? "K" : "d"}${picture.timestamp}`);
    return out;
  });
}

const key = (timestamp: number): Step => ({ timestamp, bytes: KEY });
const delta = (timestamp: number): Step => ({ timestamp });

test.each<[string, Step[], string[]]>([
  ["a key picture and what refers to it pass", [key(1), delta(2), delta(3)], ["K1", "d2", "d3"]],
  ["pictures before the first key picture are dropped", [delta(1), key(2), delta(3)], ["K2", "d3"]],
  [
    "a picture may have several packets",
    [
      { timestamp: 1, flags: START, bytes: KEY },
      { timestamp: 1, flags: 0, bytes: [1] },
      { timestamp: 1, flags: END },
    ],
    ["K1"],
  ],
  [
    "after a loss everything is dropped up to the next key picture",
    [key(1), { ...delta(3), afterLoss: true }, delta(4), key(5), delta(6)],
    ["K1", "!", "K5", "d6"],
  ],
  [
    "a key picture right after a loss is taken",
    [key(1), { ...key(3), afterLoss: true }, delta(4)],
    ["K1", "!", "K3", "d4"],
  ],
  [
    "the rest of a picture that lost its beginning is one loss",
    [
      key(1),
      { timestamp: 2, flags: 0, bytes: [1], afterLoss: true },
      { timestamp: 2, flags: 0 },
      { timestamp: 2, flags: END },
    ],
    ["K1", "!"],
  ],
  [
    "a picture without its last packet is lost",
    [key(1), { timestamp: 2, flags: START }, delta(3), key(4)],
    ["K1", "!", "K4"],
  ],
  [
    "a time stamp that changes within a picture is a loss",
    [key(1), { timestamp: 2, flags: START }, { timestamp: 3, flags: END }, key(4)],
    ["K1", "!", "K4"],
  ],
  [
    "without the marker bit a picture is not complete",
    [key(1), { timestamp: 2, marker: false }, delta(3)],
    ["K1", "!"],
  ],
  [
    "a marker before the frame's end is a loss",
    [key(1), { timestamp: 2, flags: START, marker: true }, key(3)],
    ["K1", "!", "K3"],
  ],
  ["packets of padding only are skipped", [key(1), { payload: new Uint8Array() }, delta(2)], ["K1", "d2"]],
  [
    "a frame header that is none is a loss",
    [key(1), { timestamp: 2, bytes: [0x00] }, key(3)],
    ["K1", "!", "K3"],
  ],
  [
    "a second spatial layer is refused",
    [key(1), { timestamp: 2, payload: Uint8Array.from([0x3c, 0x02, ...DELTA]) }, key(3)],
    ["K1", "!", "K3"],
  ],
  [
    "a malformed descriptor is a loss",
    [key(1), { timestamp: 2, payload: Uint8Array.from([0x88]) }, key(3)],
    ["K1", "!", "K3"],
  ],
])("%s", (_case, steps, expected) => {
  expect(play(steps)).toEqual(expected);
});

test("a key picture carries its size, and its bytes in order", () => {
  const depacketizer = createDepacketizer("vp9");
  const packet = { payloadType: 1, sequenceNumber: 0, ssrc: 1, timestamp: 9, marker: false };
  const first = { ...packet, payload: Uint8Array.from([START, ...KEY]) };
  const last = { ...packet, marker: true, payload: Uint8Array.from([END, 1, 2]) };
  depacketizer.push({ packet: first, arrivedAt: 10, afterLoss: false, afterRestart: false });
  expect(depacketizer.push({ packet: last, arrivedAt: 20, afterLoss: false, afterRestart: false })).toEqual({
    picture: {
      data: Uint8Array.from([...KEY, 1, 2]),
      key: true,
      timestamp: 9,
      arrivedAt: 20,
      size: { width: 16, height: 9 },
      codecPrivate: null,
    },
    lost: null,
  });
});

test("garbage never throws, and the first picture of any stream is a key picture", () => {
  const step = fc.record({
    marker: fc.boolean(),
    timestamp: fc.nat({ max: 3 }),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc
        .constantFrom([START | END, ...KEY], [START | END, ...DELTA], [START, ...KEY], [END, 1])
        .map((bytes) => Uint8Array.from(bytes)),
    ),
    afterLoss: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const pictures = play(steps).filter((out) => out !== "!");
      expect(pictures[0]?.startsWith("K") ?? true).toBe(true);
    }),
  );
});
