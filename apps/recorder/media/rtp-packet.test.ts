import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRtpPacket } from "./rtp-packet.ts";
import { buildRtpPacket } from "./testing/rtp-builder.ts";

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });

test("every packet is read back as it was built, whatever sources, extension and padding it carries", () => {
  const fields = fc.record({
    sequenceNumber: uint(16),
    timestamp: uint(32),
    marker: fc.boolean(),
    payloadType: uint(7),
    ssrc: uint(32),
    payload: fc.uint8Array({ maxLength: 40 }),
    sources: fc.array(uint(32), { maxLength: 15 }),
    extension: fc.nat({ max: 4 }).map((words) => new Uint8Array(4 * words)),
    padding: uint(8),
  });
  fc.assert(
    fc.property(fields, (wanted) => {
      const { sources: _, extension: __, padding: ___, ...read } = wanted;
      const packet = parseRtpPacket(buildRtpPacket(wanted));
      expect(packet && { ...packet, payload: new Uint8Array(packet.payload) }).toEqual(read);
    }),
  );
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a header that is too short", Buffer.from([0x80, 100, 0, 1, 0, 0, 0, 1, 0, 0, 0])],
  ["another version", Buffer.from([0x40, 100, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1])],
  ["sources that are not there", Buffer.from([0x8f, 100, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1])],
  ["an extension without a header", Buffer.from([0x90, 100, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe])],
  ["an extension that is too long", Buffer.from([0x90, 100, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe, 0xde, 0, 9])],
  ["padding of no bytes", Buffer.from([0xa0, 100, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0])],
  ["more padding than packet", Buffer.from([0xa0, 100, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9])],
])("%s is no packet", (_case, bytes) => {
  expect(parseRtpPacket(bytes)).toBeNull();
});

test("garbage never throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const packet = parseRtpPacket(bytes);
      expect(packet === null || packet.payload.byteLength <= bytes.byteLength).toBe(true);
    }),
  );
});
