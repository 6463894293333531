import type { CallEventType } from "#shared/api/call-event.ts";
import type { LedgerEntry } from "#shared/api/ledger.ts";
import type { Recording } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { type ExpectedEvent, type ExpectedPair, wholeSecond } from "../dynamics/script/call-truth.ts";

/** What the simulator wrote down of what people did. */
export interface Truth {
  readonly pairs: readonly ExpectedPair[];
  readonly events: readonly ExpectedEvent[];
}

/** A call event as the recorder has stored it. */
export interface StoredEvent {
  readonly id: string;
  readonly type: CallEventType;
  /** As its source said. */
  readonly at: EpochMs;
  readonly agent: string;
  readonly callSessionId: string | null;
  /** Whether a recording has it on its timeline. */
  readonly isOnRecording: boolean;
  /** Whether the ledger's entries for what no recording has cover it. */
  readonly isInLedger: boolean;
}

/** What the recorder has in the end; agents by the names that the truth has for them. */
export interface RecorderRecord {
  readonly recordings: readonly Recording[];
  readonly ledger: readonly LedgerEntry[];
  readonly events: readonly StoredEvent[];
}

/**
 * What is wrong with an agent in a call session:
 * - `unaccounted`: the ledger has nothing of it.
 * - `false-delete`: answered, and an answered part of it is on no recording that is kept.
 * - `kept-unanswered`: a recording is kept in which nobody answered.
 * - `not-sealed`: a recording is still open though its call is over.
 * - `unknown-pair`: the recorder has something that never was.
 * - `events-differ`: the recorder's call events are not those that happened.
 * - `timeline-differs`: a recording has not all of what happened while it lasted, or in its call.
 * - `ends-early`: the last recording ends before the agent was through with the call.
 * - `event-lost`: an event is stored and neither on a recording nor in the ledger.
 */
export type FaultKind =
  | "unaccounted"
  | "false-delete"
  | "kept-unanswered"
  | "not-sealed"
  | "unknown-pair"
  | "events-differ"
  | "timeline-differs"
  | "ends-early"
  | "event-lost";

/** One thing wrong, with all that is known of it from both sides. */
interface PairFault {
  readonly kind: FaultKind;
  /** The truth's name for the agent. */
  readonly agent: string;
  /** Null: of an availability that spoke of no call. */
  readonly callSessionId: string | null;
  readonly detail: string;
}

export interface Judgement {
  readonly pairs: { readonly answered: number; readonly unanswered: number; readonly accounted: number };
  readonly recordings: { readonly sealed: number; readonly discarded: number; readonly open: number };
  readonly events: { readonly expected: number; readonly stored: number };
  /** Recordings that end later than they should, since their end became known too late. */
  readonly lateEnds: { readonly count: number; readonly worstMs: DurationMs };
  readonly faults: readonly PairFault[];
}

/** Compares what the recorder has with what really happened. Pure. */
export function judge(truth: Truth, record: RecorderRecord): Judgement {
  const known = new Map(truth.pairs.map((pair) => [keyOf(pair), pair]));
  const recordingsOf = groupBy(record.recordings, keyOf);
  const inLedger = new Set(record.ledger.map(keyOf));
  const of = (phase: Recording["phase"]) => record.recordings.filter((one) => one.phase === phase).length;
  const lateEnds = truth.pairs
    .map((pair) => endsLateMs(pair, recordingsOf.get(keyOf(pair)) ?? []) ?? 0)
    .filter((lateMs) => lateMs > 0);
  return {
    pairs: {
      answered: truth.pairs.filter(({ isKept }) => isKept).length,
      unanswered: truth.pairs.filter(({ isKept }) => !isKept).length,
      accounted: truth.pairs.filter((pair) => inLedger.has(keyOf(pair))).length,
    },
    recordings: { sealed: of("sealed"), discarded: of("discarded"), open: of("provisional") + of("kept") },
    events: { expected: truth.events.length, stored: record.events.length },
    lateEnds: { count: lateEnds.length, worstMs: Math.max(0, ...lateEnds) },
    faults: [
      ...truth.pairs.flatMap((pair) =>
        judgePair(pair, truth.events, recordingsOf.get(keyOf(pair)) ?? [], inLedger.has(keyOf(pair))),
      ),
      ...unknownPairs(known, record),
      ...differingEvents(truth.events, record.events),
      ...record.events.flatMap((event): PairFault[] =>
        event.isOnRecording || event.isInLedger
          ? []
          : [faultOf("event-lost", event, `${describeEvent(event)} is stored, and nowhere to be seen`)],
      ),
    ],
  };
}

function judgePair(
  pair: ExpectedPair,
  expected: readonly ExpectedEvent[],
  recordings: readonly Recording[],
  isInLedger: boolean,
): PairFault[] {
  const faults: PairFault[] = [];
  const blame = (kind: FaultKind, detail: string) => faults.push(faultOf(kind, pair, detail));
  if (!isInLedger) blame("unaccounted", "the ledger has no entry of it");
  const kept = recordings.filter(isKept);
  if (pair.isKept && kept.length === 0) blame("false-delete", "answered, and no recording is kept");
  for (const answer of expected) {
    if (kept.length === 0 || answer.type !== "connected" || keyOf(answer) !== keyOf(pair)) continue;
    if (kept.some((recording) => hasEvent(recording, answer))) continue;
    blame("false-delete", `answered at ${clockTime(answer.at)}, which no kept recording has`);
  }
  for (const recording of recordings) {
    const name = `recording ${recording.id} (leg ${recording.leg}, ${recording.phase})`;
    const isOpen = recording.phase === "provisional" || recording.phase === "kept";
    if (isOpen) blame("not-sealed", `${name} has not ended`);
    const isAnswered = pair.isKept && recording.events.some(({ type }) => type === "connected");
    if (isKept(recording) && !isAnswered)
      blame("kept-unanswered", `${name} has no answer, note: ${recording.note}`);
  }
  for (const event of expected) {
    if (keyOf(event) !== keyOf(pair) || !belongsOnTimeline(event, kept)) continue;
    if (recordings.some((recording) => hasEvent(recording, event))) continue;
    blame("timeline-differs", `no recording has ${describeEvent(event)}`);
  }
  const lateMs = endsLateMs(pair, recordings);
  if (lateMs !== null && lateMs < 0) {
    blame("ends-early", `the last recording ends ${-lateMs} ms before ${clockTime(pair.endedAt ?? 0)}`);
  }
  return faults;
}

/**
 * How much later than the agent was through with the call its last recording ends: the end may have become known only
 * after something else had ended it. Null: nothing to compare.
 */
function endsLateMs({ endedAt }: ExpectedPair, recordings: readonly Recording[]): DurationMs | null {
  const ends = recordings
    .filter(isKept)
    .map((one) => (one.endedAt === null ? null : Date.parse(one.endedAt)));
  const last = ends.includes(null) || ends.length === 0 ? null : Math.max(...ends.map(Number));
  return endedAt === null || last === null ? null : last - endedAt;
}

function isKept({ phase }: Recording): boolean {
  return phase === "kept" || phase === "sealed";
}

/** A call's end that comes after the agent was through with it belongs nowhere. */
function belongsOnTimeline({ type, at }: ExpectedEvent, kept: readonly Recording[]): boolean {
  if (kept.length === 0) return false;
  if (type !== "agent-available") return true;
  return kept.some(
    ({ startedAt, endedAt }) =>
      wholeSecond(Date.parse(startedAt)) <= at && (endedAt === null || at <= Date.parse(endedAt)),
  );
}

function unknownPairs(known: ReadonlyMap<string, ExpectedPair>, record: RecorderRecord): PairFault[] {
  const sources: Pick<PairFault, "agent" | "callSessionId">[] = [
    ...record.ledger,
    ...record.recordings,
    ...record.events,
  ];
  const unknown = groupBy(
    sources.filter((one) => one.callSessionId !== null && !known.has(keyOf(one))),
    keyOf,
  );
  return [...unknown.values()].flatMap(([first]) =>
    first === undefined ? [] : [faultOf("unknown-pair", first, "the recorder knows it, it never was")],
  );
}

/** Each event that only one side has, by the pair. */
function differingEvents(expected: readonly ExpectedEvent[], stored: readonly StoredEvent[]): PairFault[] {
  const happened = new Set(expected.map(describeOne));
  const has = new Set(stored.map(describeOne));
  const missing = expected.filter((event) => !has.has(describeOne(event)));
  const extra = stored.filter(
    (event) => !happened.has(describeOne(event)) && !isWrapUpOfEnd(event, happened),
  );
  const blame = (detail: string) => (event: ExpectedEvent | StoredEvent) =>
    faultOf("events-differ", event, `${detail} ${describeEvent(event)}`);
  return [...missing.map(blame("is missing:")), ...extra.map(blame("never happened:"))];
}

/** The mapping puts a wrap-up before an end that has the second of something else, so that it counts as later. */
function isWrapUpOfEnd(event: StoredEvent, happened: ReadonlySet<string>): boolean {
  return event.type === "wrap-up" && happened.has(describeOne({ ...event, type: "agent-available" }));
}

function hasEvent(recording: Recording, { type, at }: ExpectedEvent): boolean {
  return recording.events.some((event) => event.type === type && wholeSecond(Date.parse(event.at)) === at);
}

function faultOf(
  kind: FaultKind,
  { agent, callSessionId }: { readonly agent: string; readonly callSessionId: string | null },
  detail: string,
): PairFault {
  return { kind, agent, callSessionId, detail };
}

function keyOf({ agent, callSessionId }: { agent: string; callSessionId: string | null }): string {
  return `${agent} ${callSessionId}`;
}

function describeOne(event: Omit<ExpectedEvent, "id">): string {
  return `${keyOf(event)} ${event.type} ${wholeSecond(event.at)}`;
}

/** e.g. `10:02:30 connected` */
export function describeEvent({ type, at }: { type: CallEventType; at: EpochMs }): string {
  return `${clockTime(at)} ${type}`;
}

/** UTC, e.g. `10:02:30` or `10:02:30.250` */
export function clockTime(at: EpochMs): string {
  return new Date(at)
    .toISOString()
    .slice(11, 23)
    .replace(/\.000$/, "");
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
