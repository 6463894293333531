import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Segment } from "#shared/api/recording.ts";
import { syncFolder } from "#shared/runtime/durable-file.ts";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";
import type { SegmentRef } from "../domain/stitch-plan.ts";
import type { RecorderClient } from "./recorder-client.ts";

/** The copy is not what the recorder says it sealed; asking again does not help. */
export class SegmentMismatchError extends DeskreelError {}

export interface SegmentCopy {
  client: RecorderClient;
  leaseId: string;
  ref: SegmentRef;
  segment: Segment;
  /** Where the copy goes, absolute; beside it `.part` while it is incomplete. */
  path: string;
  signal: AbortSignal;
}

/**
 * Copies a segment, going on where an earlier try broke off; on return it is verified and on the disk.
 *
 * @throws SegmentMismatchError `SEGMENT_MISMATCH` when length or sha256 differ, also from a copy made in one go.
 */
export async function copySegment(copy: SegmentCopy): Promise<void> {
  await mkdir(dirname(copy.path), { recursive: true });
  const part = `${copy.path}.part`;
  const resumed = await partSize(part);
  if (resumed > copy.segment.bytes) await rm(part);
  await receive(copy, part, resumed > copy.segment.bytes ? 0 : resumed);
  let fault = await findFault(part, copy.segment);
  if (fault !== null && resumed > 0) {
    // What a power cut left of the first try may be worthless.
    await rm(part);
    await receive(copy, part, 0);
    fault = await findFault(part, copy.segment);
  }
  if (fault !== null) {
    await rm(part);
    const { recordingId, trackId, segmentId } = copy.ref;
    throw new SegmentMismatchError(
      "SEGMENT_MISMATCH",
      `segment ${segmentId} of track ${trackId} of recording ${recordingId}: ${fault}`,
    );
  }
  await publish(part, copy.path);
}

async function receive(copy: SegmentCopy, part: string, from: number): Promise<void> {
  if (from === copy.segment.bytes && from > 0) return;
  const response = await copy.client.readSegment(copy.ref, copy.leaseId, from, copy.signal);
  const isContinued = response.status === 206 && from > 0;
  const room = copy.segment.bytes - (isContinued ? from : 0);
  if (response.body === null) return;
  await pipeline(
    Readable.fromWeb(response.body),
    // An answer that never ends must not fill the disk: one byte too many is enough to see the mismatch.
    takeAtMost(room + 1),
    createWriteStream(part, { flags: isContinued ? "a" : "w" }),
  );
}

/** Passes on the first bytes of a stream and leaves the rest. */
function takeAtMost(limit: number) {
  return async function* (source: AsyncIterable<Buffer>) {
    let left = limit;
    for await (const chunk of source) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) return;
    }
  };
}

async function partSize(part: string): Promise<number> {
  try {
    return (await stat(part)).size;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return 0;
    throw error;
  }
}

async function findFault(part: string, segment: Segment): Promise<string | null> {
  const size = await partSize(part);
  if (size !== segment.bytes) return `${size} bytes came, ${segment.bytes} were announced`;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(part)) hash.update(chunk as Buffer);
  const sha256 = hash.digest("hex");
  return sha256 === segment.sha256 ? null : `sha256 is ${sha256}, ${segment.sha256} was announced`;
}

async function publish(part: string, path: string): Promise<void> {
  const file = await open(part, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncFolder(dirname(path));
}
