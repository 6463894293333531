import type { CoverageWord } from "#shared/api/coverage.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** Nothing of the interaction's screens is here; why, its recorder's own ledger says. */
const NO_SCREEN = "no-screen";
/** No sound of the call is here. */
const NO_AUDIO = "no-audio";

/** Something that is not there of an interaction, and for how long. */
interface Missing {
  /** As coverage has it, or {@link NO_SCREEN}, {@link NO_AUDIO}. */
  reason: string;
  ms: DurationMs;
}

/** What of an interaction was not recorded, and why. */
export interface LedgerLine {
  interactionId: string;
  startedAt: string;
  durationMs: DurationMs;
  word: CoverageWord;
  agents: Manifest["agents"];
  customer: string | null;
  queue: string | null;
  screens: number;
  /** Longest first; one per reason. */
  missing: Missing[];
}

/** What a reason has cost. */
interface ReasonTotal {
  reason: string;
  interactions: number;
  ms: DurationMs;
}

export interface LedgerTotals {
  /** All that there are, complete ones too. */
  interactions: number;
  partial: number;
  notRecorded: number;
  /** The most frequent first. */
  reasons: ReasonTotal[];
}

/** As long as a capture may take to start, which is no gap. */
const START_MS = 2_000;

/** The line of an interaction, also of one that is complete: then nothing is missing in it. */
export function ledgerLine(manifest: Manifest): LedgerLine {
  const { interactionId, startedAt, durationMs, coverage, agents, call, screens, audio } = manifest;
  return {
    ...{ interactionId, startedAt, durationMs, word: coverage, agents },
    customer: call["customer"] ?? null,
    queue: call["queue"] ?? null,
    screens: screens.length,
    missing: [
      ...(coverage === "recorded" ? [] : missingPictures(manifest)),
      ...(coverage !== "recorded" && screens.length === 0 ? [{ reason: NO_SCREEN, ms: durationMs }] : []),
      ...(audio === null ? [{ reason: NO_AUDIO, ms: durationMs }] : []),
    ].sort((left, right) => right.ms - left.ms),
  };
}

/** @param lines - of all interactions, complete ones too. */
export function ledgerTotals(lines: readonly LedgerLine[]): LedgerTotals {
  const reasons = new Map<string, ReasonTotal>();
  for (const { reason, ms } of lines.flatMap(({ missing }) => missing)) {
    const total = reasons.get(reason) ?? { reason, interactions: 0, ms: 0 };
    reasons.set(reason, { reason, interactions: total.interactions + 1, ms: total.ms + ms });
  }
  const countOf = (word: CoverageWord) => lines.filter((line) => line.word === word).length;
  return {
    interactions: lines.length,
    partial: countOf("partial"),
    notRecorded: countOf("not-recorded"),
    reasons: [...reasons.values()].sort(
      (left, right) => right.interactions - left.interactions || right.ms - left.ms,
    ),
  };
}

/** Time in which two screens lack their picture for one reason counts once. */
function missingPictures({ screens, durationMs }: Manifest): Missing[] {
  const gaps = screens.flatMap(({ coverage }) =>
    coverage.flatMap(({ fromMs, toMs, state, reason }) => {
      const gap = { fromMs: Math.max(0, fromMs), toMs: Math.min(durationMs, toMs) };
      const isStart = reason === "late-start" && gap.toMs - gap.fromMs <= START_MS;
      return state !== "gap" || isStart || gap.toMs <= gap.fromMs ? [] : [{ ...gap, reason: reason ?? "" }];
    }),
  );
  const reasons = [...new Set(gaps.map(({ reason }) => reason))];
  return reasons.map((reason) => ({ reason, ms: covered(gaps.filter((gap) => gap.reason === reason)) }));
}

function covered(stretches: readonly { fromMs: number; toMs: number }[]): DurationMs {
  let [sum, end] = [0, Number.NEGATIVE_INFINITY];
  for (const { fromMs, toMs } of stretches.toSorted((left, right) => left.fromMs - right.fromMs)) {
    sum += Math.max(0, toMs - Math.max(fromMs, end));
    end = Math.max(end, toMs);
  }
  return sum;
}
