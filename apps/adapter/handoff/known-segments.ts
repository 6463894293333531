import { join } from "node:path";
import type { Recording, Segment } from "#shared/api/recording.ts";
import { FILES_ERASED, SEGMENTS_LOST } from "#shared/handoff/files-erased.ts";
import type { RecordingStore } from "../store/recording-store.ts";
import { hasSize } from "./has-size.ts";
import { segmentPath } from "./source-paths.ts";

/**
 * A recording whose files its recorder has erased lists no segments any more, and one that has lost some does not list
 * those; the ones that are here or in the archive stay part of it.
 *
 * @returns the revision, with the segments that an earlier one had and that are still to be had.
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
  const before = known?.recording.tracks ?? [];
  const tracks = revision.tracks.map(async (track) => {
    const earlier = before.find(({ id }) => id === track.id)?.segments ?? [];
    const segments: Segment[] = [...track.segments];
    for (const segment of earlier) {
      if (track.segments.some(({ id }) => id === segment.id)) continue;
      const ref = { recordingId: revision.id, trackId: track.id, segmentId: segment.id };
      const copy = recordings.findSegment(ref);
      if (copy?.sha256 !== segment.sha256) continue;
      const isHere = () => hasSize(join(dataDir, segmentPath(ref)), segment.bytes);
      if (copy.archived !== null || (await isHere())) segments.push(segment);
    }
    return { ...track, segments: segments.sort((left, right) => (left.id < right.id ? -1 : 1)) };
  });
  // What only the archive knew of a recording has tracks of its own.
  const onlyHere = before.filter(({ id }) => !revision.tracks.some((track) => track.id === id));
  return { ...revision, tracks: [...(await Promise.all(tracks)), ...onlyHere] };
}
