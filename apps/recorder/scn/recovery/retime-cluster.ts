import type { DurationMs } from "#shared/time/units.ts";
import { crcElement, encodeId, encodeSize, ID, uintElement } from "../ebml.ts";
import type { FoundCluster } from "./cluster-scanner.ts";

/**
 * A cluster as it is in a file that begins later: its blocks as they are, at another time.
 *
 * @param bytes - the cluster as it was found.
 */
export function retimeCluster(bytes: Buffer, cluster: FoundCluster, shiftMs: DurationMs): Uint8Array[] {
  if (shiftMs === 0) return [bytes];
  const blocks = bytes.subarray(cluster.blocksAt - cluster.position);
  const covered = [uintElement(ID.timestamp, cluster.startMs - shiftMs), blocks];
  const crc = crcElement(covered);
  const size = covered.reduce((sum, part) => sum + part.byteLength, crc.byteLength);
  return [encodeId(ID.cluster), encodeSize(size), crc, ...covered];
}

/** How long it is then. */
export function retimedBytes(cluster: FoundCluster, shiftMs: DurationMs): number {
  if (shiftMs === 0) return cluster.bytes;
  const blocks = cluster.position + cluster.bytes - cluster.blocksAt;
  const time = uintElement(ID.timestamp, cluster.startMs - shiftMs).byteLength;
  const size = crcElement([]).byteLength + time + blocks;
  return encodeId(ID.cluster).byteLength + encodeSize(size).byteLength + size;
}
