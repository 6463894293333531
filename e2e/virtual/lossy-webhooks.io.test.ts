/**
 * Whole random days of calls, once with every webhook at once and in order, once with webhooks lost, doubled, late and
 * out of order: with reconciliation the result is the same. Time is virtual; catalogue, mapping and lifecycle are real.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { SEED } from "../../build/test/fixed-seed.ts";
import { limitOf, runsOf } from "../../build/test/property-runs.ts";
import { expectedPairs } from "../dynamics/script/call-truth.ts";
import { dayFrom, randomDays } from "../dynamics/script/random/random-day.ts";
import { type RecordedDay, recordDay } from "./recorded-day.ts";
import { type FinalLeg, type PostFate, runVirtually, type VirtualOutcome } from "./virtual-recorder.ts";

const START: EpochMs = Date.UTC(2026, 2, 2, 10);
const RECONCILE_MS: DurationMs = 15_000;
const LONGEST_DELAY_S = 30;
/** Random days. */
const RUNS = runsOf(120);

const delayMs = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: LONGEST_DELAY_S * 1_000 }) },
);
const fates: fc.Arbitrary<PostFate[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant<PostFate>([]) },
    { weight: 5, arbitrary: fc.tuple(delayMs) },
    { weight: 2, arbitrary: fc.tuple(delayMs, delayMs) },
  ),
  { minLength: 1, maxLength: 40 },
);

/** `agent session`, of a leg or of whatever has both. */
function pairOf({ agent, callSessionId }: { agent: string; callSessionId: string | null }): string {
  return `${agent} ${callSessionId?.slice(-4)}`;
}

function isKept({ phase }: FinalLeg): boolean {
  return phase === "kept" || phase === "sealed";
}

function keptPairs({ legs }: VirtualOutcome): string[] {
  return [...new Set(legs.filter(isKept).map(pairOf))].sort();
}

/**
 * `agent session type second` of all that is on kept recordings. Which of several ends in a row closed a leg depends on
 * which was known first, and what is later than the end is on no timeline, so ends are left out.
 */
function keptTimeline({ legs }: VirtualOutcome): string[] {
  const lines = legs
    .filter(isKept)
    .flatMap((leg) => leg.timeline.map((event) => `${pairOf(leg)} ${event}`))
    .filter((line) => !line.includes(" agent-available "));
  return [...new Set(lines)].sort();
}

/** When the last capture of each pair ended; infinite where one goes on. */
function captureEnds({ legs }: VirtualOutcome): Map<string, EpochMs> {
  const ends = new Map<string, EpochMs>();
  for (const leg of legs) {
    if (leg.captureEndedAt === null) continue;
    ends.set(pairOf(leg), Math.max(ends.get(pairOf(leg)) ?? leg.captureEndedAt, leg.captureEndedAt));
  }
  return ends;
}

function expectSame(day: RecordedDay, ordered: VirtualOutcome, lossy: VirtualOutcome): void {
  const truth = expectedPairs(day.truths);
  const told = truth.filter((pair) => pair.isKept).map(pairOf);
  expect(keptPairs(ordered)).toEqual(told.sort());
  expect(keptPairs(lossy)).toEqual(keptPairs(ordered));
  expect(lossy.events).toEqual(ordered.events);
  expect(keptTimeline(lossy)).toEqual(keptTimeline(ordered));
  const inLedger = new Set(lossy.ledger.map(pairOf));
  expect(truth.map(pairOf).filter((pair) => !inLedger.has(pair))).toEqual([]);
  const late = lateEnds(ordered, lossy);
  expect(late).toEqual([]);
}

/** Captures that went on for longer than the slowest webhook and the next pass explain. */
function lateEnds(ordered: VirtualOutcome, lossy: VirtualOutcome): string[] {
  const ends = captureEnds(ordered);
  return [...captureEnds(lossy)].flatMap(([pair, lossyEnd]) => {
    const end = ends.get(pair);
    if (end === undefined) return [`${pair}: captured only when webhooks are lost`];
    const lateMs = end === lossyEnd ? 0 : lossyEnd - end;
    return lateMs <= LONGEST_DELAY_S * 1_000 + RECONCILE_MS ? [] : [`${pair}: ${lateMs / 1_000} s late`];
  });
}

test("whatever becomes of webhooks, the same calls are kept with the same timeline", {
  timeout: limitOf(600_000),
}, async () => {
  const days = randomDays({ agents: 4, calls: { min: 1, max: 6 }, longestS: 20 });
  const firstPassMs = fc.integer({ min: 0, max: RECONCILE_MS });
  await fc.assert(
    fc.asyncProperty(days, fates, firstPassMs, async (calls, posts, offsetMs) => {
      const day = recordDay(dayFrom(calls, START), START);
      const common = { reconcileMs: RECONCILE_MS, firstPassMs: offsetMs };
      const ordered = await runVirtually(day, { ...common, fates: [] });
      const lossy = await runVirtually(day, { ...common, fates: posts });
      expectSame(day, ordered, lossy);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("a recorder that hears no webhook at all finds every call by its passes", {
  timeout: limitOf(600_000),
}, async () => {
  const days = randomDays({ agents: 4, calls: { min: 1, max: 6 }, longestS: 20 });
  await fc.assert(
    fc.asyncProperty(days, async (calls) => {
      const day = recordDay(dayFrom(calls, START), START);
      const common = { reconcileMs: RECONCILE_MS, firstPassMs: 0 };
      const ordered = await runVirtually(day, { ...common, fates: [] });
      const deaf = await runVirtually(day, { ...common, fates: [[]] });
      expectSame(day, ordered, deaf);
    }),
    { seed: SEED, numRuns: Math.ceil(RUNS / 5) },
  );
});
