import type { GapReason } from "#shared/api/coverage.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** A stretch of time, end exclusive. */
interface Span {
  from: EpochMs;
  to: EpochMs;
}

/** A stretch of a track and what is known of it; `to` null while it lasts. */
export interface CoverageStretch {
  from: EpochMs;
  to: EpochMs | null;
  state: "captured" | "gap";
  reason?: GapReason;
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
}

/** Sources and files round their times: a sliver this short is no stretch of its own. */
const SLIVER_MS: DurationMs = 1;

/**
 * What is known of a track over [from, endedAt]. While the recording is open, that is until its last sealed segment or
 * outage: the segment being written is not known yet.
 *
 * Outages win over segments, because a file may bridge a short one. A stretch with neither is
 * - before any picture: `late-start`;
 * - after an outage: that outage going on, since a picture returns only with a file;
 * - after a picture: captured, since a still screen sends nothing and a lost one is an outage.
 */
export function describeTrack(
  { segments, outages }: TrackFacts,
  from: EpochMs,
  endedAt: EpochMs | null,
): CoverageStretch[] {
  const knownTo = endedAt ?? lastKnown(segments, outages, from);
  const cuts = [from, knownTo];
  for (const span of [...segments, ...outages]) cuts.push(span.from, span.to ?? knownTo);
  const edges = [...new Set(cuts.filter((at) => at >= from && at <= knownTo))].sort((a, b) => a - b);
  const stretches: CoverageStretch[] = [];
  for (const [index, start] of edges.slice(0, -1).entries()) {
    const end = edges[index + 1] ?? knownTo;
    const before = stretches.at(-1);
    const now = stateBetween({ segments, outages }, start, end, before);
    if (before !== undefined && before.state === now.state && before.reason === now.reason) before.to = end;
    else if (before !== undefined && end - start <= SLIVER_MS) before.to = end;
    else stretches.push({ from: start, to: end, ...now });
  }
  const last = stretches.at(-1);
  const isLasting = endedAt === null && outages.some((outage) => outage.to === null);
  if (last?.state === "gap" && isLasting) last.to = null;
  return stretches;
}

function lastKnown(segments: readonly Span[], outages: readonly Outage[], from: EpochMs): EpochMs {
  return Math.max(
    from,
    ...segments.map((segment) => segment.to),
    // An outage that lasts is known to go on for at least a moment that is no sliver.
    ...outages.map((outage) => outage.to ?? outage.from + 2 * SLIVER_MS),
  );
}

function stateBetween(
  { segments, outages }: TrackFacts,
  from: EpochMs,
  to: EpochMs,
  before: CoverageStretch | undefined,
): Pick<CoverageStretch, "state" | "reason"> {
  const covers = (span: { from: EpochMs; to: EpochMs | null }) =>
    span.from <= from && (span.to === null || span.to >= to);
  const outage = outages.find(covers); // The one that began first keeps its name.
  if (outage !== undefined) return { state: "gap", reason: outage.reason };
  if (segments.some(covers)) return { state: "captured" };
  if (before === undefined) return { state: "gap", reason: "late-start" };
  return before.state === "captured"
    ? { state: "captured" }
    : { state: "gap", reason: before.reason ?? "late-start" };
}
