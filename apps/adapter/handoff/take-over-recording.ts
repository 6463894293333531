import { rm } from "node:fs/promises";
import { join } from "node:path";
import pRetry from "p-retry";
import type { Recording, Segment } from "#shared/api/recording.ts";
import type { LeaseAnswer } from "#shared/handoff/lease.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { SegmentRef } from "../domain/stitch-plan.ts";
import type { RecordingStore } from "../store/recording-store.ts";
import { copySegment, SegmentMismatchError } from "./copy-segment.ts";
import { hasSize } from "./has-size.ts";
import { withKnownSegments } from "./known-segments.ts";
import { HandoffError, type RecorderClient } from "./recorder-client.ts";
import { checkIds, recordingFolder, segmentPath } from "./source-paths.ts";

/** Tries per segment before the recording is refused: the recorder then counts, waits, and alarms in the end. */
const COPY_RETRIES = 4;

export interface TakeOver {
  client: RecorderClient;
  recordings: RecordingStore;
  dataDir: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** A recording came over, changed, or is gone. */
  onChange: (interactionId: string) => void;
}

/**
 * Takes one leased recording over: copies what is not here yet, records it, then acknowledges. Each step can be
 * repeated after a crash: a recording is acknowledged only when files and database are on the disk.
 */
export async function takeOverRecording(lease: LeaseAnswer["items"][number], to: TakeOver): Promise<void> {
  const { leaseId } = lease;
  let { recording } = lease;
  const log = to.log.child({ recordingId: recording.id, interactionId: recording.callSessionId });
  try {
    checkIds(recording);
    recording = await withKnownSegments(recording, to.recordings, to.dataDir);
    to.recordings.noteLeased(recording, to.clock.now());
    for (const track of recording.tracks) {
      for (const segment of track.segments) {
        await copyOnce(
          { recordingId: recording.id, trackId: track.id, segmentId: segment.id },
          segment,
          leaseId,
          to,
        );
      }
    }
    to.recordings.markHandedOff(recording, to.clock.now());
    to.onChange(recording.callSessionId);
    await to.client.ack(recording.id, leaseId, recording.revision, to.signal);
    const segments = recording.tracks.reduce((sum, track) => sum + track.segments.length, 0);
    log.info(
      { revision: recording.revision, tracks: recording.tracks.length, segments },
      "recording handed off",
    );
  } catch (error) {
    if (to.signal.aborted) return;
    await settleFailure(error, recording, leaseId, to, log);
  }
}

async function copyOnce(ref: SegmentRef, segment: Segment, leaseId: string, to: TakeOver): Promise<void> {
  const relative = segmentPath(ref);
  const path = join(to.dataDir, relative);
  const known = to.recordings.findSegment(ref);
  if (known?.sha256 === segment.sha256 && (known.archived !== null || (await hasSize(path, segment.bytes))))
    return;
  await pRetry(() => copySegment({ client: to.client, leaseId, ref, segment, path, signal: to.signal }), {
    retries: COPY_RETRIES,
    minTimeout: 200,
    signal: to.signal,
    shouldRetry: ({ error }) =>
      !(error instanceof SegmentMismatchError) &&
      !(error instanceof HandoffError && error.code !== "HANDOFF_REFUSED"),
  });
  const { bytes, sha256 } = segment;
  to.recordings.addSegment({ ...ref, path: relative, bytes, sha256, archived: null });
}

async function settleFailure(
  failure: unknown,
  recording: Recording,
  leaseId: string,
  to: TakeOver,
  log: Log,
): Promise<void> {
  if (failure instanceof HandoffError && failure.code === "RECORDING_DISCARDED") {
    log.info({}, "recording discarded by its recorder");
    to.recordings.remove(recording.id);
    await rm(join(to.dataDir, recordingFolder(recording.id)), { recursive: true, force: true });
    to.onChange(recording.callSessionId);
    return;
  }
  if (failure instanceof HandoffError && failure.code === "LEASE_LOST") {
    log.warn({ err: failure }, "hand-off broken off, the recording will be offered again");
    return;
  }
  const reason = failure instanceof Error ? failure.message : String(failure);
  log.error({ err: failure }, "recording refused");
  await to.client.nack(recording.id, leaseId, reason, to.signal).catch((cause: unknown) => {
    log.warn({ err: cause }, "refusal not delivered");
  });
}
