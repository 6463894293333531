import { expect, test } from "vitest";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { LedgerEntry } from "#shared/api/ledger.ts";
import type { Recording, RecordingPhase } from "#shared/api/recording.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { ExpectedEvent } from "../dynamics/script/call-truth.ts";
import { judge, type RecorderRecord, type StoredEvent, type Truth } from "./judge.ts";

const START = Date.UTC(2026, 2, 2, 10);
const ANN = { agent: "ann@contoso.com", callSessionId: "call-1" };
const BOB = { agent: "bob@contoso.com", callSessionId: "call-1" };
type Pair = typeof ANN;

/** Ann answered and was free after 9 s; Bob was rung before and did not answer. */
const HAPPENED: [Pair, CallEventType, number][] = [
  [BOB, "ringing", 0],
  [BOB, "not-responding", 2],
  [ANN, "ringing", 3],
  [ANN, "connected", 4],
  [ANN, "wrap-up", 7],
  [ANN, "agent-available", 9],
];

function expected([pair, type, second]: (typeof HAPPENED)[number]): ExpectedEvent {
  return { ...pair, type, at: START + second * 1_000 };
}

function stored(event: (typeof HAPPENED)[number]): StoredEvent {
  return { ...expected(event), id: JSON.stringify(event), isOnRecording: true, isInLedger: false };
}

const TRUTH: Truth = {
  pairs: [
    { ...ANN, isKept: true, answeredAt: START + 4_000, endedAt: START + 9_000 },
    { ...BOB, isKept: false, answeredAt: null, endedAt: null },
  ],
  events: HAPPENED.map(expected),
};

function recording(pair: Pair, phase: RecordingPhase, changes: Partial<Recording> = {}): Recording {
  const own = HAPPENED.filter(([of]) => of === pair).map(expected);
  return {
    ...pair,
    ...{ id: `${pair.agent} 1`, revision: 1, leg: 1, phase, connectedAt: null, attributes: {}, tracks: [] },
    startedAt: formatInstant(own[0]?.at ?? 0),
    endedAt: formatInstant(own.at(-1)?.at ?? 0),
    events: own.map(({ type, at }) => ({ id: `${type} ${at}`, type, at: formatInstant(at) })),
    ...{ coverage: "not-recorded", note: null },
    ...changes,
  };
}

function entry(pair: Pair): LedgerEntry {
  const times = { from: formatInstant(START), to: null, gaps: [] };
  return { ...pair, ...times, leg: 1, recordingId: null, word: "not-recorded", reason: null, detail: null };
}

const RIGHT: RecorderRecord = {
  recordings: [recording(ANN, "sealed"), recording(BOB, "discarded")],
  ledger: [entry(ANN), entry(BOB)],
  events: HAPPENED.map(stored),
};

/** What is found wrong when the recorder has this instead. */
function faultsIn(changes: Partial<RecorderRecord>): string[] {
  return judge(TRUTH, { ...RIGHT, ...changes }).faults.map(
    ({ kind, agent }) => `${kind} ${agent.split("@")[0]}`,
  );
}

test("a record that says what happened is right, and counted", () => {
  expect(judge(TRUTH, RIGHT)).toEqual({
    pairs: { answered: 1, unanswered: 1, accounted: 2 },
    recordings: { sealed: 1, discarded: 1, open: 0 },
    events: { expected: 6, stored: 6 },
    lateEnds: { count: 0, worstMs: 0 },
    faults: [],
  });
});

test("an agent in a call whom the ledger does not have is not accounted for", () => {
  expect(faultsIn({ ledger: [entry(ANN)] })).toEqual(["unaccounted bob"]);
});

test.each([
  ["that was discarded", [recording(ANN, "discarded")]],
  ["that was never made", []],
])("an answered call %s is a false delete", (_, recordings) => {
  expect(faultsIn({ recordings: [...recordings, recording(BOB, "discarded")] })).toEqual([
    "false-delete ann",
  ]);
});

test("a second answer that no kept recording has is a false delete, though the first is kept", () => {
  const again = expected([ANN, "connected", 8]);
  const { faults } = judge(
    { ...TRUTH, events: [...TRUTH.events, again] },
    { ...RIGHT, events: [...RIGHT.events, stored([ANN, "connected", 8])] },
  );
  expect(faults.map(({ kind }) => kind)).toEqual(["false-delete", "timeline-differs"]);
});

test.each(["sealed", "kept"] as const)("a ring that nobody answered and that is %s is wrong", (phase) => {
  const kept = recording(BOB, phase, phase === "kept" ? { endedAt: null } : {});
  const faults = faultsIn({ recordings: [recording(ANN, "sealed"), kept] });
  expect(faults).toEqual(
    phase === "kept" ? ["not-sealed bob", "kept-unanswered bob"] : ["kept-unanswered bob"],
  );
});

test("a leg that nobody answered is wrong, though another leg of the call was answered", () => {
  const { events } = recording(BOB, "sealed");
  const second = recording(ANN, "sealed", { id: "2", leg: 2, events });
  expect(faultsIn({ recordings: [...RIGHT.recordings, second] })).toEqual(["kept-unanswered ann"]);
});

test("a recording that goes on after its call is over is wrong", () => {
  const open = recording(ANN, "kept", { endedAt: null });
  expect(faultsIn({ recordings: [open, recording(BOB, "discarded")] })).toEqual(["not-sealed ann"]);
});

test("an agent in a call who never was is told once, from wherever", () => {
  const eve = { ...ANN, agent: "eve@contoso.com" };
  expect(faultsIn({ ledger: [...RIGHT.ledger, entry(eve), entry(eve)] })).toEqual(["unknown-pair eve"]);
  expect(faultsIn({ recordings: [...RIGHT.recordings, recording(eve, "sealed")] })).toEqual([
    "unknown-pair eve",
  ]);
});

test("events that are missing, and events that never happened, differ", () => {
  const late: StoredEvent = { ...stored([ANN, "connected", 5]), isOnRecording: true };
  const events = RIGHT.events.map((event) => (event.type === "connected" ? late : event));
  expect(faultsIn({ events })).toEqual(["events-differ ann", "events-differ ann"]);
  expect(faultsIn({ events: RIGHT.events.slice(1) })).toEqual(["events-differ bob"]);
});

test("a wrap-up in the second of an end is the mapping's, and no difference", () => {
  expect(faultsIn({ events: [...RIGHT.events, stored([ANN, "wrap-up", 9])] })).toEqual([]);
  expect(faultsIn({ events: [...RIGHT.events, stored([ANN, "wrap-up", 8])] })).toEqual(["events-differ ann"]);
});

test("a timeline that lacks something differs; an end that comes after the agent is through belongs nowhere", () => {
  const without = (type: CallEventType, changes: Partial<Recording> = {}) => {
    const events = recording(ANN, "sealed").events.filter((event) => event.type !== type);
    return { recordings: [recording(ANN, "sealed", { events, ...changes }), recording(BOB, "discarded")] };
  };
  expect(faultsIn(without("wrap-up"))).toEqual(["timeline-differs ann"]);
  expect(faultsIn(without("agent-available"))).toEqual(["timeline-differs ann"]);
  const endsBefore = { endedAt: formatInstant(START + 8_000) };
  expect(faultsIn(without("agent-available", endsBefore))).toEqual(["ends-early ann"]);
});

test("a recording may end late, not early", () => {
  const ending = (second: number) => ({
    ...RIGHT,
    recordings: [recording(ANN, "sealed", { endedAt: formatInstant(START + second * 1_000) })],
  });
  const late = judge(TRUTH, ending(12));
  expect([late.lateEnds, late.faults]).toEqual([{ count: 1, worstMs: 3_000 }, []]);
  expect(faultsIn(ending(8.9))).toEqual(["ends-early ann"]);
});

test("an event that is neither on a recording nor in the ledger is lost", () => {
  const [first, ...others] = RIGHT.events;
  const events = (changes: Partial<StoredEvent>) => (first ? [{ ...first, ...changes }, ...others] : []);
  expect(faultsIn({ events: events({ isOnRecording: false }) })).toEqual(["event-lost bob"]);
  expect(faultsIn({ events: events({ isOnRecording: false, isInLedger: true }) })).toEqual([]);
});
