import { expect, test } from "vitest";
import { FrameScanner } from "./frame-scanner.ts";

const element = (id: number[], content: number[]) => [...id, 0x80 | content.length, ...content];
const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const block = element([0xa3], [0x81, 0, 0, 0x80, 7, 7]);
const cluster = [...element([0x1f, 0x43, 0xb6, 0x75], [...element([0xe7], [0]), ...block, ...block])];
const file = Buffer.from([
  ...element([0x1a, 0x45, 0xdf, 0xa3], [1, 2, 3]),
  ...[0x18, 0x53, 0x80, 0x67, ...UNKNOWN],
  ...cluster,
  ...element(
    [0x1f, 0x43, 0xb6, 0x75],
    [...element([0xe7], [1]), ...element([0xa0], element([0xa1], [1, 2]))],
  ),
  ...element([0x1c, 0x53, 0xbb, 0x6b], [0xa3, 0x81, 0]),
]);

test("the frames of an unfinished file are counted, in simple blocks and in groups", () => {
  const scanner = new FrameScanner();
  scanner.scan(file);
  expect([scanner.frames, scanner.position]).toEqual([3, file.byteLength]);
});

test("wherever a file is cut, what is there is counted once", () => {
  for (let cut = 0; cut <= file.byteLength; cut++) {
    const scanner = new FrameScanner();
    scanner.scan(file.subarray(0, cut));
    scanner.scan(file.subarray(scanner.position));
    expect(scanner.frames).toBe(3);
  }
});
