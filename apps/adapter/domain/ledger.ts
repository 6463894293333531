import type { CoverageWord } from "#shared/api/coverage.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** There is no screen of the interaction, and its recorder has not said why. */
const NO_SCREEN = "no-screen";
/** No recorder has ever told of the call. */
const NO_RECORDING = "no-recording";
/** No sound of the call is here. */
const NO_AUDIO = "no-audio";

/** Something that is not there of an interaction, and for how long. */
export interface Missing {
  /** As coverage has it, or {@link NO_SCREEN}, {@link NO_RECORDING}, {@link NO_AUDIO}. */
  reason: string;
  ms: DurationMs;
  /** What more is known of the reason. */
  detail: string | null;
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
  /** Of those of which more is known; the most frequent first. */
  details: { detail: string; interactions: number }[];
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
  const { interactionId, startedAt, durationMs, coverage, agents, call, screens } = manifest;
  return {
    ...{ interactionId, startedAt, durationMs, word: coverage, agents },
    customer: call["customer"] ?? null,
    queue: call["queue"] ?? null,
    screens: screens.length,
    missing: missingOf(manifest),
  };
}

/** What is not there of an interaction: longest first, one per reason. */
export function missingOf(manifest: Manifest): Missing[] {
  const { coverage, durationMs, audio, screens, agents, withoutScreen = [] } = manifest;
  const whole = (reason: string) => ({ reason, ms: durationMs, detail: null });
  const isUnexplained = coverage !== "recorded" && screens.length === 0 && withoutScreen.length === 0;
  return [
    ...(coverage === "recorded" ? [] : missingPictures(manifest)),
    ...(isUnexplained ? [whole(agents.length === 0 ? NO_RECORDING : NO_SCREEN)] : []),
    ...(audio === null ? [whole(NO_AUDIO)] : []),
  ].sort((left, right) => right.ms - left.ms);
}

/** How often something is missing of interactions, as the catalogue counts it. */
export interface MissingCount {
  reason: string;
  detail: string | null;
  interactions: number;
  ms: DurationMs;
}

/** @param counts - more than one may be of the same reason, or even of the same detail. */
export function totalReasons(counts: readonly MissingCount[]): ReasonTotal[] {
  const totals = [...Map.groupBy(counts, ({ reason }) => reason)].map(([reason, its]) => ({
    reason,
    interactions: sumOf(its.map(({ interactions }) => interactions)),
    ms: sumOf(its.map(({ ms }) => ms)),
    details: [...Map.groupBy(its, ({ detail }) => detail)]
      .flatMap(([detail, of]) =>
        detail === null ? [] : [{ detail, interactions: sumOf(of.map(({ interactions }) => interactions)) }],
      )
      .sort((left, right) => right.interactions - left.interactions),
  }));
  return totals.sort((left, right) => right.interactions - left.interactions || right.ms - left.ms);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Time in which two screens lack their picture for one reason counts once. */
function missingPictures({ screens, withoutScreen = [], durationMs }: Manifest): Missing[] {
  const gaps = screens.flatMap(({ coverage }) =>
    coverage.flatMap(({ fromMs, toMs, state, reason }) => {
      const gap = { fromMs: Math.max(0, fromMs), toMs: Math.min(durationMs, toMs) };
      const isStart = reason === "late-start" && gap.toMs - gap.fromMs <= START_MS;
      return state !== "gap" || isStart || gap.toMs <= gap.fromMs
        ? []
        : [{ ...gap, reason: reason ?? "", detail: null }];
    }),
  );
  const unseen = withoutScreen.map(({ offsetMs, durationMs: lengthMs, reason, detail = null }) => ({
    ...{ fromMs: offsetMs, toMs: offsetMs + lengthMs, reason, detail },
  }));
  return [...Map.groupBy([...unseen, ...gaps], ({ reason }) => reason)].map(([reason, its]) => ({
    reason,
    ms: covered(its),
    detail: its.find(({ detail }) => detail !== null)?.detail ?? null,
  }));
}

function covered(stretches: readonly { fromMs: number; toMs: number }[]): DurationMs {
  let [sum, end] = [0, Number.NEGATIVE_INFINITY];
  for (const { fromMs, toMs } of stretches.toSorted((left, right) => left.fromMs - right.fromMs)) {
    sum += Math.max(0, toMs - Math.max(fromMs, end));
    end = Math.max(end, toMs);
  }
  return sum;
}
