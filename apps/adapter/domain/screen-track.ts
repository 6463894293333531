import type { Recording, Segment, Track } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { compareText } from "./compare-text.ts";
import { instantOf } from "./timeline.ts";

/** One segment file on its track's timeline. */
interface PlannedSegment {
  segmentId: string;
  /** How long it counts in the joined file: to the next segment's beginning, so that its last picture fills a gap. */
  holdMs: DurationMs;
}

/** One screen's pictures in time order, from the first picture to the end of the last segment. */
export interface ScreenTrack {
  recording: Recording;
  track: Track;
  startedAt: EpochMs;
  durationMs: DurationMs;
  segments: PlannedSegment[];
}

/** The tracks of all recordings that have a picture, by their beginning. */
export function listScreenTracks(recordings: readonly Recording[]): ScreenTrack[] {
  return recordings
    .flatMap((recording) => recording.tracks.map((track) => planTrack(recording, track)))
    .filter((screen) => screen !== null)
    .sort(
      (a, b) =>
        a.startedAt - b.startedAt ||
        compareText(a.recording.agent, b.recording.agent) ||
        compareText(a.recording.id, b.recording.id) ||
        compareText(a.track.id, b.track.id),
    );
}

function planTrack(recording: Recording, track: Track): ScreenTrack | null {
  const ordered = orderByTime(track.segments);
  const [first] = ordered;
  const last = ordered.at(-1);
  if (first === undefined || last === undefined) return null;
  const startedAt = instantOf(first.startedAt);
  let positionMs = 0;
  const segments = ordered.map((segment, index): PlannedSegment => {
    const next = ordered[index + 1];
    const endMs =
      next === undefined
        ? instantOf(segment.startedAt) - startedAt + segment.durationMs
        : instantOf(next.startedAt) - startedAt;
    // Two segments that claim the same instant still both play; the next ones are not pushed back by it.
    const holdMs = Math.max(1, Math.round(endMs) - positionMs);
    positionMs += holdMs;
    return { segmentId: segment.id, holdMs };
  });
  return { recording, track, startedAt, durationMs: positionMs, segments };
}

/** Segment ids number arrival; what counts is when they began. */
function orderByTime(segments: readonly Segment[]): Segment[] {
  return [...segments].sort(
    (a, b) => instantOf(a.startedAt) - instantOf(b.startedAt) || compareText(a.id, b.id),
  );
}
