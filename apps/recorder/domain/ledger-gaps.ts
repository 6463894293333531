import type { EpochMs } from "#shared/time/units.ts";
import type { CoverageStretch } from "./coverage.ts";
import type { Verdict } from "./coverage-word.ts";

/** A stretch of a recording without picture; `to` null while it lasts. */
export interface RecordingGap {
  from: EpochMs;
  to: EpochMs | null;
  reason: string;
  /** Null: of the recording as a whole. */
  track: string | null;
}

/** What the gaps of a recording are read from. */
export interface CoveredRecording {
  tracks: readonly { id: string; coverage: readonly CoverageStretch[] }[];
  coverageWithoutTrack: readonly CoverageStretch[];
  verdict: Verdict;
}

/** Where a recording has no picture, by track; pauses are none, and nothing is missing of what was not to be recorded. */
export function listGaps({ tracks, coverageWithoutTrack, verdict }: CoveredRecording): RecordingGap[] {
  if (tracks.length > 0) return tracks.flatMap(({ id, coverage }) => gapsIn(coverage, id));
  const { reason } = verdict;
  if (reason === "not-answered" || reason === "not-sampled" || reason === "too-short") return [];
  const gaps = gapsIn(coverageWithoutTrack, null);
  // Without a track only the verdict knows why nothing ever began.
  return gaps.map((gap) => (gap.reason === "late-start" && reason !== null ? { ...gap, reason } : gap));
}

function gapsIn(coverage: readonly CoverageStretch[], track: string | null): RecordingGap[] {
  return coverage.flatMap((stretch) => {
    if (stretch.state !== "gap") return [];
    const { from, to, reason } = stretch;
    return [{ from, to, reason, track }];
  });
}
