import { join } from "node:path";
import type { Recording, Segment } from "#shared/api/recording.ts";
import { FILES_ERASED } from "#shared/handoff/files-erased.ts";
import type { RecordingStore } from "../store/recording-store.ts";
import { hasSize } from "./has-size.ts";
import { segmentPath } from "./source-paths.ts";

/**
 * A recording whose files its recorder has erased lists no segments any more; those that are here stay part of it.
 *
 * @returns the revision, with the segments that an earlier one had and whose files are still here.
 */
export async function withKnownSegments(
  revision: Recording,
  recordings: RecordingStore,
  dataDir: string,
): Promise<Recording> {
  if (revision.note?.split(", ").includes(FILES_ERASED) !== true) return revision;
  const known = recordings
    .listOf(revision.callSessionId)
    .find(({ recording }) => recording.id === revision.id);
  const tracks = revision.tracks.map(async (track) => {
    const before = known?.recording.tracks.find(({ id }) => id === track.id)?.segments ?? [];
    const segments: Segment[] = [];
    for (const segment of before) {
      const ref = { recordingId: revision.id, trackId: track.id, segmentId: segment.id };
      const isCopied = recordings.findSegment(ref)?.sha256 === segment.sha256;
      if (isCopied && (await hasSize(join(dataDir, segmentPath(ref)), segment.bytes))) segments.push(segment);
    }
    return { ...track, segments };
  });
  return { ...revision, tracks: await Promise.all(tracks) };
}
