import { join, sep } from "node:path";
import { callSessionIdSchema } from "#shared/api/identity.ts";
import type { Recording } from "#shared/api/recording.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { SegmentRef } from "../domain/stitch-plan.ts";

/** Where the raw material lies in the data folder. */
export const SOURCES = "sources";
/** Of the sounds, beside the recordings' folders. */
export const AUDIO_FOLDER = join(SOURCES, "audio");
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The folder of a recording's segments, relative to the data folder. */
export function recordingFolder(recordingId: string): string {
  return join(SOURCES, recordingId);
}

/** A segment's copy, relative to the data folder. */
export function segmentPath({ recordingId, trackId, segmentId }: SegmentRef): string {
  return join(recordingFolder(recordingId), trackId, `${segmentId}.scn`);
}

/** Whose file a path is, relative to the data folder; null when it is no finished source's. */
export function findSource(path: string): SegmentRef | { audioPath: string } | null {
  const names = path.split(sep);
  if (names.length === 3 && path.startsWith(AUDIO_FOLDER + sep)) return { audioPath: path };
  const [root, recordingId = "", trackId = "", file = "", ...deeper] = names;
  if (root !== SOURCES || deeper.length > 0 || !file.endsWith(".scn")) return null;
  return { recordingId, trackId, segmentId: file.slice(0, -".scn".length) };
}

/**
 * Ids come from another machine and become names of files.
 *
 * @throws DeskreelError `BAD_RECORDING_ID` when one of them is not a plain name.
 */
export function checkIds(recording: Recording): void {
  const ids = recording.tracks.flatMap((track) => [track.id, ...track.segments.map((segment) => segment.id)]);
  const bad = [recording.id, ...ids].find((id) => !PLAIN_NAME.test(id));
  const session = callSessionIdSchema.safeParse(recording.callSessionId);
  if (bad === undefined && session.success && session.data === recording.callSessionId) return;
  throw new DeskreelError(
    "BAD_RECORDING_ID",
    `a recording has the id ${JSON.stringify(bad ?? recording.callSessionId)}, which cannot be the name of a file`,
  );
}
