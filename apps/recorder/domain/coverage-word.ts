import type { CoverageWord, GapReason, NotRecordedReason } from "#shared/api/coverage.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { type CoverageStretch, describeTrack, type Outage, type Pause, type TrackFacts } from "./coverage.ts";
import type { PolicyReason } from "./policy.ts";

/** The first picture may be this late in a call that counts as recorded. */
const START_GAP_ALLOWED_MS: DurationMs = 2_000;
/** After it, this much may be missing in all. */
const LATER_GAPS_ALLOWED_MS: DurationMs = 1_000;

/** A recording as its word is judged. */
export interface RecordingFacts {
  startedAt: EpochMs;
  connectedAt: EpochMs | null;
  /** The first event that showed the agent in the call; null: not answered. */
  keptAt: EpochMs | null;
  endedAt: EpochMs | null;
  phase: "provisional" | "kept" | "sealed" | "discarded";
  isStartRefused: boolean;
  /** Why the site's own rules leave it without pictures; null: they do not. */
  policy: PolicyReason | null;
  tracks: readonly (Omit<TrackFacts, "pauses"> & { openedAt: EpochMs })[];
  /** Outages of the recording as a whole, such as a desktop that never came. */
  outages: readonly Outage[];
  /** The agent's, before, within and after the recording. */
  pauses: readonly Pause[];
}

export interface Verdict {
  word: CoverageWord;
  /** Why it is not `recorded`; null when it is. */
  reason: NotRecordedReason | null;
}

/** The recording's word: the worst of its tracks. */
export function judgeRecording(facts: RecordingFacts): Verdict {
  if (facts.phase === "discarded" && facts.keptAt === null) {
    return { word: "not-recorded", reason: "not-answered" };
  }
  if (facts.policy !== null) return { word: "not-recorded", reason: facts.policy };
  // It was answered, and that came to light when its files were gone: whatever was captured, nobody can see it.
  if (facts.phase === "discarded") return { word: "not-recorded", reason: "events-late" };
  const from = facts.connectedAt ?? facts.keptAt ?? facts.startedAt;
  // The first monitor has to be there from the start; those that appear later count from then on.
  const firstOpenedAt = Math.min(...facts.tracks.map((track) => track.openedAt));
  const verdicts = facts.tracks.map((track) => {
    const appearedAt = track.openedAt === firstOpenedAt ? from : track.openedAt;
    const outages = [...facts.outages, ...track.outages];
    const known = { segments: track.segments, outages, pauses: facts.pauses };
    const stretches = describeTrack(known, facts.startedAt, facts.endedAt);
    return judgeTrack(stretches, Math.max(from, appearedAt));
  });
  const worst = WORDS.flatMap((word) => verdicts.filter((verdict) => verdict.word === word))[0];
  if (worst !== undefined) return worst;
  return { word: "not-recorded", reason: whyNoTrack(facts, from) };
}

/** Without any track there is nothing but pauses, outages and the want of a picture; the longest is the reason. */
function whyNoTrack({ outages, pauses, isStartRefused, startedAt, endedAt }: RecordingFacts, from: EpochMs) {
  const stretches = describeTrack({ segments: [], outages, pauses }, startedAt, endedAt);
  const { reason } = judgeTrack(stretches, from);
  if (reason !== null && reason !== "late-start") return reason;
  return outages[0]?.reason ?? (isStartRefused ? "events-late" : "late-start");
}

const WORDS: readonly CoverageWord[] = ["not-recorded", "partial", "recorded"];

/**
 * A track's word over what is judged of it.
 *
 * @param from - where judging begins: the answer, or the monitor's appearance if that was later.
 */
function judgeTrack(stretches: readonly CoverageStretch[], from: EpochMs): Verdict {
  const judged = stretches.filter((stretch) => stretch.to === null || stretch.to > from);
  const reasons = new Map<GapReason, DurationMs>();
  let [startGapMs, laterGapsMs, pausedMs, hasPicture] = [0, 0, 0, false];
  for (const stretch of judged) {
    const { from: start, to } = stretch;
    const lengthMs = to === null ? Number.POSITIVE_INFINITY : to - Math.max(start, from);
    if (stretch.state === "captured") hasPicture = true;
    if (stretch.state === "paused") pausedMs += lengthMs;
    if (stretch.state !== "gap" || stretch.reason === "monitor-off") continue;
    reasons.set(stretch.reason, (reasons.get(stretch.reason) ?? 0) + lengthMs);
    if (hasPicture) laterGapsMs += lengthMs;
    else startGapMs += lengthMs;
  }
  const [longest, longestMs] = [...reasons].sort(([, left], [, right]) => right - left)[0] ?? [null, 0];
  // A pause is no gap, but one from beginning to end leaves nothing that could be called recorded.
  if (!hasPicture) {
    return { word: "not-recorded", reason: pausedMs > longestMs ? "paused" : (longest ?? "late-start") };
  }
  if (startGapMs <= START_GAP_ALLOWED_MS && laterGapsMs <= LATER_GAPS_ALLOWED_MS)
    return { word: "recorded", reason: null };
  return { word: "partial", reason: longest };
}
