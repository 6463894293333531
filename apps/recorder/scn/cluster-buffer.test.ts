import { expect, test } from "vitest";
import { ClusterBuffer } from "./cluster-buffer.ts";

const block = (atMs: number, bytes = 1, key = false) => ({ data: new Uint8Array(bytes), key, atMs });

test.each([
  ["the first block, whatever it is", [], block(5_000, 1_000_000, true), true],
  ["a block within a second", [block(100)], block(1_099), true],
  ["a block a second later", [block(100)], block(1_100), false],
  ["a key frame", [block(100)], block(200, 1, true), false],
  ["a block that fills it", [block(0, 500_000)], block(1, 24_288), true],
  ["a block that is too much", [block(0, 500_000)], block(1, 24_289), false],
])("%s", (_case, before, next, expected) => {
  const cluster = new ClusterBuffer();
  for (const each of before) cluster.add(each);
  expect(cluster.fits(next)).toBe(expected);
});

test("taking empties it", () => {
  const cluster = new ClusterBuffer();
  cluster.add(block(0, 500_000));
  expect([cluster.take().length, cluster.take().length, cluster.fits(block(9_000, 600_000))]).toEqual([
    1,
    0,
    true,
  ]);
});
