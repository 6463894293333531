import fc from "fast-check";
import { expect, test } from "vitest";
import {
  crcElement,
  dateElement,
  element,
  encodeId,
  encodeSize,
  ID,
  uintElement,
  UNKNOWN_SIZE,
  voidElement,
} from "./ebml.ts";
import { readElements } from "./testing/ebml-reader.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test.each([
  [ID.void, "ec"],
  [ID.seek, "4dbb"],
  [ID.timestampScale, "2ad7b1"],
  [ID.segment, "18538067"],
])("id 0x%x stands as it is", (id, expected) => {
  expect(hex(encodeId(id))).toBe(expected);
});

test.each([
  [0, "80"],
  [126, "fe"],
  [127, "407f"],
  [16_382, "7ffe"],
  [16_383, "203fff"],
  [2 ** 21 - 1, "101fffff"],
  [2 ** 40, "050000000000"],
])("size %i is as short as possible, and never all ones", (size, expected) => {
  expect(hex(encodeSize(size))).toBe(expected);
});

test("a size can have a fixed length", () => {
  expect([hex(encodeSize(1, 8)), hex(encodeSize(2 ** 40, 8)), hex(encodeSize(5, 2))]).toEqual([
    "0100000000000001",
    "0100010000000000",
    "4005",
  ]);
});

test.each([
  [0, "e78100"],
  [255, "e781ff"],
  [256, "e7820100"],
  [60_000, "e782ea60"],
])("unsigned %i", (value, expected) => {
  expect(hex(uintElement(ID.timestamp, value))).toBe(expected);
});

test("a date counts nanoseconds from 2001, also backwards", () => {
  expect(hex(dateElement(ID.dateUtc, Date.UTC(2001, 0, 1, 0, 0, 1)))).toBe("446188000000003b9aca00");
  expect(hex(dateElement(ID.dateUtc, Date.UTC(2000, 11, 31, 23, 59, 59)))).toBe("446188ffffffffc4653600");
});

test("a void is exactly as long as what comes into it", () => {
  expect(voidElement(11)).toHaveLength(11);
  expect(hex(voidElement(2))).toBe("ec80");
});

test("the checksum is CRC-32, little-endian (the check value of the standard)", () => {
  expect(hex(crcElement([Buffer.from("1234"), Buffer.from("56789")]))).toBe("bf842639f4cb");
});

test("whatever is in an element is read back", () => {
  const elements = fc.array(
    fc.record({ id: fc.constantFrom(...Object.values(ID)), content: fc.uint8Array({ maxLength: 300 }) }),
  );
  fc.assert(
    fc.property(elements, (wanted) => {
      const bytes = Buffer.concat(wanted.map(({ id, content }) => element(id, content)));
      const read = readElements(bytes).map(({ id, content }) => ({ id, content: new Uint8Array(content) }));
      expect(read).toEqual(wanted);
    }),
  );
});

test("a size of all ones is unknown", () => {
  const bytes = Buffer.concat([encodeId(ID.segment), UNKNOWN_SIZE, Buffer.from("rest")]);
  expect(readElements(bytes)).toEqual([
    { id: ID.segment, position: 0, size: null, content: Buffer.from("rest") },
  ]);
});
