import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVp9Payload } from "./vp9-payload.ts";

const DATA = [0xde, 0xad];

test.each<[string, number[], { startsFrame: boolean; endsFrame: boolean; spatialLayer: number }]>([
  ["flags only", [0x0c], { startsFrame: true, endsFrame: true, spatialLayer: 0 }],
  ["a 7-bit picture id", [0x88, 0x11], { startsFrame: true, endsFrame: false, spatialLayer: 0 }],
  ["a 15-bit picture id", [0x84, 0x91, 0x22], { startsFrame: false, endsFrame: true, spatialLayer: 0 }],
  ["layers with TL0PICIDX", [0x28, 0x02, 0x33], { startsFrame: true, endsFrame: false, spatialLayer: 1 }],
  ["layers in flexible mode", [0x38, 0x04], { startsFrame: true, endsFrame: false, spatialLayer: 2 }],
  ["one reference", [0x58, 0x02], { startsFrame: true, endsFrame: false, spatialLayer: 0 }],
  ["three references", [0x58, 0x03, 0x05, 0x06], { startsFrame: true, endsFrame: false, spatialLayer: 0 }],
  ["a structure without anything", [0x0a, 0x00], { startsFrame: true, endsFrame: false, spatialLayer: 0 }],
  [
    "a structure with two sizes",
    [0x0a, 0x30, 5, 0, 2, 208, 2, 128, 1, 104],
    { startsFrame: true, endsFrame: false, spatialLayer: 0 },
  ],
  [
    "a structure with a picture group",
    [0x0a, 0x08, 2, 0x04, 0x01, 0x08, 0x01, 0x02],
    { startsFrame: true, endsFrame: false, spatialLayer: 0 },
  ],
])("a descriptor with %s is skipped", (_case, descriptor, expected) => {
  const payload = parseVp9Payload(Uint8Array.from([...descriptor, ...DATA]));
  expect(payload).toEqual({ ...expected, data: Uint8Array.from(DATA) });
});

test.each([
  ["nothing", []],
  ["no data after the descriptor", [0x88, 0x11]],
  ["a picture id that is cut off", [0x88]],
  ["four references", [0x58, 1, 1, 1, 1, 9, 9]],
  ["a structure that is cut off", [0x0a, 0x30, 5, 0]],
])("%s is malformed", (_case, bytes) => {
  expect(parseVp9Payload(Uint8Array.from(bytes))).toBeNull();
});

test("garbage never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const payload = parseVp9Payload(bytes);
      expect(payload === null || payload.data.byteLength > 0).toBe(true);
    }),
  );
});
