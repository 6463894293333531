import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "#shared/runtime/durable-file.ts";
import { isSystemError } from "#shared/runtime/errors.ts";
import { readBack, writeAll } from "../file-bytes.ts";
import { ClusterScanner, type FoundCluster } from "./cluster-scanner.ts";
import { readKeyFrame } from "./key-frame.ts";
import { chooseClusters, planRecovery, type RecoveryPlan, type SegmentOrigin } from "./recovery-plan.ts";
import { retimeCluster } from "./retime-cluster.ts";

/** What the catalogue and the file's place tell of it. */
export type KnownOrigin = Pick<
  SegmentOrigin,
  "recordingId" | "trackId" | "segmentId" | "codec" | "width" | "height"
>;

/** A segment that has its final name, whatever its file had gone through. */
export interface RecoveredSegment
  extends Pick<RecoveryPlan, "how" | "startedAt" | "durationMs" | "frames" | "width" | "height" | "holes"> {
  bytes: number;
  sha256: string;
}

/** Nobody can make a picture of it: `empty` files are gone, `damaged` ones are kept as `.scn.damaged`. */
export type RecoveryFailure = "empty" | "damaged";

const PIECE_BYTES = 1024 * 1024;
/** More than any header has. */
const HEAD_BYTES = 8 * 1024;
/** So much of what follows the last whole cluster says what it is. */
const TAIL_HEAD_BYTES = 32;
/** A file without a cluster that is no longer is at most a header: no picture was ever in it. */
const EMPTY_BYTES = 1024;
const FILE_MODE = 0o600;

/**
 * Makes a sealed segment of a file that a crash has left behind. A kill at any point of it is harmless: run again, it goes
 * on. Damaged files stay beside what was taken from them, as `.scn.damaged`.
 *
 * @param path - where the segment belongs, `….scn`.
 * @param found - the file as it is: `path` itself or `path.part`.
 * @throws what the disk answers; the file stays as it is.
 */
export async function recoverSegment(
  path: string,
  found: string,
  origin: KnownOrigin,
): Promise<RecoveredSegment | RecoveryFailure> {
  const handle = await open(found, "r+");
  try {
    const { size: fileBytes, mtimeMs } = await handle.stat();
    const clusters = chooseClusters(await scanFile(handle, fileBytes));
    const first = clusters[0];
    if (first === undefined) return await setAside(path, found, fileBytes);
    const head = await readAt(handle, 0, Math.min(HEAD_BYTES, fileBytes));
    const frame = await readAt(handle, first.firstFrameAt, first.firstFrameBytes);
    const endsAt = Math.max(...clusters.map(({ position, bytes }) => position + bytes));
    const tail = await readAt(handle, endsAt, Math.min(TAIL_HEAD_BYTES, fileBytes - endsAt));
    const plan = planRecovery(
      { head, tail, fileBytes, clusters },
      {
        ...origin,
        keyFrame: readKeyFrame(origin.codec, frame),
        uuid: randomBytes(16),
        modifiedAt: mtimeMs,
      },
    );
    const sealed = plan.how === "rewrite" ? await rewrite(path, handle, plan) : await seal(handle, plan);
    await publish(path, found, plan);
    const { how, startedAt, durationMs, frames, width, height, holes } = plan;
    return { how, startedAt, durationMs, frames, width, height, holes, ...sealed };
  } finally {
    await handle.close();
  }
}

async function scanFile(handle: FileHandle, fileBytes: number): Promise<FoundCluster[]> {
  const scanner = new ClusterScanner(fileBytes);
  const clusters: FoundCluster[] = [];
  let wanted = 0;
  for (let at = 0; at < fileBytes; ) {
    const piece = await readAt(handle, at, Math.min(Math.max(PIECE_BYTES, wanted), fileBytes - at));
    const step = scanner.scan(piece, at);
    clusters.push(...step.clusters);
    at = step.next;
    wanted = step.wanted;
  }
  return clusters;
}

async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await handle.read(buffer, read, bytes - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

/** What is cut off had no checksum that holds; then as a writer seals, so that each state in between is found again. */
async function seal(handle: FileHandle, plan: RecoveryPlan): Promise<{ bytes: number; sha256: string }> {
  if (plan.how === "in-place") {
    const last = plan.clusters.at(-1);
    const cuesAt = last === undefined ? 0 : last.position + last.bytes;
    await handle.truncate(cuesAt);
    await writeAll(handle, [plan.cues], cuesAt);
    await writeAll(handle, [plan.header], 0);
  }
  await handle.datasync();
  return readBack(handle);
}

async function rewrite(
  path: string,
  from: FileHandle,
  plan: RecoveryPlan,
): Promise<{ bytes: number; sha256: string }> {
  const handle = await open(draftOf(path), "w+", FILE_MODE);
  try {
    let position = await writeAll(handle, [plan.header], 0);
    for (const cluster of plan.clusters) {
      const bytes = await readAt(from, cluster.position, cluster.bytes);
      position += await writeAll(handle, retimeCluster(bytes, cluster, plan.shiftMs), position);
    }
    await writeAll(handle, [plan.cues], position);
    await handle.datasync();
    return await readBack(handle);
  } catch (error) {
    // On a disk that is full, what is left of it would keep it so.
    await rm(draftOf(path), { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Gives the segment its name; the file it was taken from keeps one at every moment. */
async function publish(path: string, found: string, { how }: RecoveryPlan): Promise<void> {
  if (how === "rewrite") {
    await linkDamaged(path, found);
    await rename(draftOf(path), path);
    if (found !== path) await rm(found);
  } else if (found !== path) {
    await rename(found, path);
  }
  await syncFolder(dirname(path));
}

async function setAside(path: string, found: string, fileBytes: number): Promise<RecoveryFailure> {
  const isEmpty = fileBytes <= EMPTY_BYTES;
  if (isEmpty) await rm(found);
  else await rename(found, `${path}.damaged`);
  await syncFolder(dirname(path));
  return isEmpty ? "empty" : "damaged";
}

/** Gives a file the name of a damaged one, which only its recording's erasure removes. */
export async function keepAsDamaged(path: string, found: string): Promise<void> {
  await linkDamaged(path, found);
  await rm(found);
  await syncFolder(dirname(path));
}

async function linkDamaged(path: string, found: string): Promise<void> {
  try {
    await link(found, `${path}.damaged`);
  } catch (error) {
    // Made by a recovery that did not get to its end.
    if (!isSystemError(error, "EEXIST")) throw error;
  }
}

function draftOf(path: string): string {
  return `${path}.draft`;
}
