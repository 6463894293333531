import type { GapReason } from "#shared/api/coverage.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** A stretch of time, end exclusive. */
interface Span {
  from: EpochMs;
  to: EpochMs;
}

/** A stretch of a track and what is known of it; `to` null while it lasts. */
export type CoverageStretch = { from: EpochMs; to: EpochMs | null } & CoverageState;

type CoverageState =
  | { state: "captured" }
  | { state: "gap"; reason: GapReason }
  /** `by` = the scope that asked for it, `source` = why, `reason` = what ended it if nobody did. */
  | { state: "paused"; by: string; source: string; reason?: "max-pause" };

/** A time in which nothing is captured because somebody said so; `to` null while it lasts. */
export interface Pause {
  from: EpochMs;
  to: EpochMs | null;
  by: string;
  source: string;
  /** Nobody ended it: it had lasted as long as it may. */
  isOverdue: boolean;
}

/** A stretch without picture whose reason is known; `to` null while it lasts. */
export interface Outage {
  from: EpochMs;
  to: EpochMs | null;
  reason: GapReason;
}

/** What was written of a track. */
export interface TrackFacts {
  segments: readonly Span[];
  /** In the order they were noticed. */
  outages: readonly Outage[];
  /** The agent's, before, within and after the recording. */
  pauses: readonly Pause[];
}

/** Sources and files round their times: a sliver this short is no stretch of its own. */
const SLIVER_MS: DurationMs = 1;

/**
 * What is known of a track over [from, endedAt]. While the recording is open, that is until its last sealed segment or
 * outage: the segment being written is not known yet.
 *
 * Pauses win over outages, and outages over segments, because a file may bridge a short one. A stretch with none is
 * - before any picture, and after a pause: `late-start`;
 * - after an outage: that outage going on, since a picture returns only with a file;
 * - after a picture: captured, since a still screen sends nothing and a lost one is an outage.
 */
export function describeTrack(facts: TrackFacts, from: EpochMs, endedAt: EpochMs | null): CoverageStretch[] {
  const { segments, outages, pauses } = facts;
  const knownTo = endedAt ?? lastKnown(facts, from);
  const cuts = [from, knownTo];
  for (const span of [...segments, ...outages, ...pauses]) cuts.push(span.from, span.to ?? knownTo);
  const edges = [...new Set(cuts.filter((at) => at >= from && at <= knownTo))].sort((a, b) => a - b);
  const stretches: CoverageStretch[] = [];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    const end = edges[index + 1] ?? knownTo;
    const before = stretches.at(-1);
    const now = stateBetween(facts, start, end, before);
    if (before !== undefined && isSameState(before, now)) before.to = end;
    else if (before !== undefined && end - start <= SLIVER_MS) before.to = end;
    else stretches.push({ from: start, to: end, ...now });
  }
  const last = stretches.at(-1);
  const lasting = { captured: [], gap: outages, paused: pauses }[last?.state ?? "captured"];
  if (last !== undefined && endedAt === null && lasting.some((span) => span.to === null)) last.to = null;
  return stretches;
}

function lastKnown({ segments, outages, pauses }: TrackFacts, from: EpochMs): EpochMs {
  return Math.max(
    from,
    ...segments.map((segment) => segment.to),
    // What lasts is known to go on for at least a moment that is no sliver.
    ...[...outages, ...pauses].map((span) => span.to ?? Math.max(from, span.from) + 2 * SLIVER_MS),
  );
}

function isSameState(left: CoverageState, right: CoverageState): boolean {
  if (left.state === "gap") return right.state === "gap" && left.reason === right.reason;
  if (left.state !== "paused" || right.state !== "paused") return left.state === right.state;
  return left.by === right.by && left.source === right.source && left.reason === right.reason;
}

function stateBetween(
  { segments, outages, pauses }: TrackFacts,
  from: EpochMs,
  to: EpochMs,
  before: CoverageState | undefined,
): CoverageState {
  const covers = (span: { from: EpochMs; to: EpochMs | null }) =>
    span.from <= from && (span.to === null || span.to >= to);
  const pause = pauses.find(covers);
  if (pause !== undefined) {
    const { by, source, isOverdue } = pause;
    return { state: "paused", by, source, ...(isOverdue && { reason: "max-pause" }) };
  }
  const outage = outages.find(covers); // The one that began first keeps its name.
  if (outage !== undefined) return { state: "gap", reason: outage.reason };
  if (segments.some(covers)) return { state: "captured" };
  if (before === undefined || before.state === "paused") return { state: "gap", reason: "late-start" };
  return before.state === "captured" ? { state: "captured" } : { state: "gap", reason: before.reason };
}
