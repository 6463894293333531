import { join } from "node:path";
import type { Recording, Segment } from "#shared/api/recording.ts";
import { FILES_ERASED, SEGMENTS_LOST } from "#shared/handoff/files-erased.ts";
import type { RecordingStore } from "../store/recording-store.ts";
import { hasSize } from "./has-size.ts";
import { segmentPath } from "./source-paths.ts";

/**
 * A recording whose files its recorder has erased lists no segments any more, and one that has lost some does not list
 * those; the ones that are here stay part of it.
 *
 * @returns the revision, with the segments that an earlier one had and whose files are still here.
 */
export async function withKnownSegments(
  revision: Recording,
  recordings: RecordingStore,
  dataDir: string,
): Promise<Recording> {
  const words = revision.note?.split(", ") ?? [];
  if (!words.includes(FILES_ERASED) && !words.includes(SEGMENTS_LOST)) return revision;
  const known = recordings
    .listOf(revision.callSessionId)
    .find(({ recording }) => recording.id === revision.id);
  const tracks = revision.tracks.map(async (track) => {
    const before = known?.recording.tracks.find(({ id }) => id === track.id)?.segments ?? [];
    const segments: Segment[] = [...track.segments];
    for (const segment of before) {
      if (track.segments.some(({ id }) => id === segment.id)) continue;
      const ref = { recordingId: revision.id, trackId: track.id, segmentId: segment.id };
      const isCopied = recordings.findSegment(ref)?.sha256 === segment.sha256;
      if (isCopied && (await hasSize(join(dataDir, segmentPath(ref)), segment.bytes))) segments.push(segment);
    }
    return { ...track, segments: segments.sort((left, right) => (left.id < right.id ? -1 : 1)) };
  });
  return { ...revision, tracks: await Promise.all(tracks) };
}
