import fc from "fast-check";
import { expect, test } from "vitest";
import { runsOf } from "../../../../build/test/property-runs.ts";
import { playCapture, readChromiumCapture } from "../../media/testing/rtp-fixture.ts";
import { encodeId, ID } from "../ebml.ts";
import { applyDamages, damages } from "../testing/damage.ts";
import { makeSegment } from "../testing/made-segment.ts";
import { encodeCluster } from "../webm-muxer.ts";
import { ClusterScanner, type FoundCluster, isTornTail } from "./cluster-scanner.ts";

const { frames } = playCapture(readChromiumCapture());
const MADE = makeSegment(frames.slice(0, 51), "open");

/** Scans as from a disk, piece by piece. */
function scan(file: Buffer, pieceBytes: number): { clusters: FoundCluster[]; looks: number; pieces: number } {
  const scanner = new ClusterScanner(file.byteLength);
  const clusters: FoundCluster[] = [];
  let pieces = 0;
  let wanted = 0;
  for (let at = 0; at < file.byteLength; pieces += 1) {
    const step = scanner.scan(file.subarray(at, at + Math.max(pieceBytes, wanted)), at);
    clusters.push(...step.clusters);
    expect(step.next > at || step.wanted > pieceBytes).toBe(true);
    at = step.next;
    wanted = step.wanted;
  }
  return { clusters, looks: scanner.bytesLookedAt, pieces };
}

test("a file that nothing happened to has all its clusters, with what is in them", () => {
  const { clusters, looks } = scan(MADE.bytes, 1 << 20);
  expect(
    clusters.map(({ startMs, lastMs, frames: count, isKey }) => ({ startMs, lastMs, count, isKey })),
  ).toEqual(
    MADE.clusters.map(({ blocks }) => ({
      startMs: blocks[0]?.atMs,
      lastMs: blocks.at(-1)?.atMs,
      count: blocks.length,
      isKey: blocks[0]?.key,
    })),
  );
  for (const [index, { position, bytes, firstFrameAt, firstFrameBytes }] of clusters.entries()) {
    const made = MADE.clusters[index];
    expect(MADE.bytes.subarray(position, position + bytes)).toEqual(made?.bytes);
    const frame = MADE.bytes.subarray(firstFrameAt, firstFrameAt + firstFrameBytes);
    expect(new Uint8Array(frame)).toEqual(new Uint8Array(made?.blocks[0]?.data ?? []));
  }
  expect(looks).toBeLessThan(2 * MADE.bytes.byteLength);
});

test("whatever happens to a file, each cluster that is whole is found, once per place, with little work", () => {
  fc.assert(
    fc.property(damages, fc.integer({ min: 1_000, max: 300_000 }), (all, pieceBytes) => {
      const file = applyDamages(MADE.bytes, all);
      const { clusters, looks, pieces } = scan(file, pieceBytes);
      const found = new Set(
        clusters.map(({ position, bytes }) => file.toString("latin1", position, position + bytes)),
      );
      const whole = MADE.clusters.map(({ bytes }) => bytes).filter((bytes) => file.includes(bytes));
      expect(whole.filter((bytes) => !found.has(bytes.toString("latin1")))).toEqual([]);
      expect(new Set(clusters.map(({ position }) => position)).size).toBe(clusters.length);
      expect(looks).toBeLessThanOrEqual(4 * file.byteLength);
      // A piece is asked for again only where a cluster begins.
      expect(pieces).toBeLessThanOrEqual(
        2 * Math.ceil(file.byteLength / pieceBytes) + 2 * clusters.length + 40,
      );
      const again = scan(file, 1 << 20);
      expect(again.clusters).toEqual(clusters);
    }),
    { numRuns: runsOf(300) },
  );
});

test("garbage has no cluster, and clusters within clusters that are not whole cost no more than they may", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (garbage) => {
      expect(scan(Buffer.from(garbage), 500).clusters).toEqual([]);
    }),
  );
  // Each level is built as a cluster is, with a checksum that does not hold.
  let nested: Uint8Array = Buffer.alloc(100);
  for (let level = 0; level < 3_000; level++) {
    const cluster = encodeCluster([{ data: nested, key: true, atMs: 0 }]);
    const crcAt = cluster.indexOf(ID.crc32) + 2;
    cluster.writeUInt8(cluster.readUInt8(crcAt) ^ 1, crcAt);
    nested = cluster;
  }
  const file = Buffer.from(nested);
  const { clusters, looks } = scan(file, 1 << 20);
  expect(clusters).toEqual([]);
  expect(looks).toBeLessThan(6 * file.byteLength);
});

test.each<[string, Buffer, number, boolean]>([
  ["nothing", Buffer.alloc(0), 0, true],
  ["the beginning of an ID", encodeId(ID.cluster).subarray(0, 2), 2, true],
  [
    "a cluster that is not there to its end",
    MADE.clusters[0]?.bytes.subarray(0, 32) ?? Buffer.alloc(0),
    500,
    true,
  ],
  ["cues", encodeId(ID.cues), 90, true],
  [
    "a cluster that is there to its end",
    MADE.clusters[0]?.bytes.subarray(0, 32) ?? Buffer.alloc(0),
    900_000,
    false,
  ],
  ["zeros", Buffer.alloc(32), 4_096, false],
])("%s after the last whole cluster", (_case, tail, tailBytes, expected) => {
  expect(isTornTail(tail, tailBytes)).toBe(expected);
});
