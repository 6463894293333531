import { expect, test } from "vitest";
import { judgeReadiness, type ReadinessFacts, type ReadinessRules } from "./readiness.ts";

const RULES: ReadinessRules = {
  dynamics: true,
  readyAfterMs: 120_000,
  audioSettleMs: 60_000,
  audioTimeoutMs: 86_400_000,
};
const NOW = 1_000_000_000;

const ann = { isWhole: true, handedOff: true, receivedAt: NOW - 100_000, agent: "ann" };
const part = { state: "fetched" as const, firstSeenAt: NOW - 90_000, changedAt: NOW - 61_000 };
const closed = { closed: true, changedAt: NOW - 95_000, speakers: 1 };

const COMPLETE: ReadinessFacts = { recordings: [ann], audio: [part], conversation: closed };
const DEADLINE = ann.receivedAt + RULES.audioTimeoutMs;

test.each<[string, Partial<ReadinessFacts>, ReturnType<typeof judgeReadiness>]>([
  ["is ready when all is here", {}, { ready: true, because: "complete" }],
  [
    "waits for the end of the session",
    { conversation: { ...closed, closed: false } },
    { ready: false, waitingFor: "session-close", until: DEADLINE },
  ],
  [
    "waits for Dynamics to know the session",
    { conversation: null },
    { ready: false, waitingFor: "session-close", until: DEADLINE },
  ],
  [
    "waits for a recording that is being copied",
    { recordings: [ann, { ...ann, handedOff: false }] },
    { ready: false, waitingFor: "hand-off", until: DEADLINE },
  ],
  ["waits for audio", { audio: [] }, { ready: false, waitingFor: "audio", until: DEADLINE }],
  [
    "waits for the file of a part that is listed",
    { audio: [part, { ...part, state: "pending" }] },
    { ready: false, waitingFor: "audio-file", until: DEADLINE },
  ],
  [
    "waits until no new part has come for a while",
    { audio: [part, { ...part, changedAt: NOW - 10_000 }] },
    { ready: false, waitingFor: "audio-settle", until: NOW + 50_000 },
  ],
  [
    "goes on without a part that cannot be decoded",
    { audio: [{ ...part, state: "faulty" }] },
    { ready: true, because: "complete" },
  ],
  [
    "waits a little for the recording of everybody who took part",
    { conversation: { ...closed, speakers: 2 } },
    { ready: false, waitingFor: "recording", until: closed.changedAt + RULES.readyAfterMs },
  ],
  [
    "does not wait for ever for somebody without a desktop",
    { conversation: { ...closed, speakers: 2, changedAt: NOW - 120_000 } },
    { ready: true, because: "complete" },
  ],
  [
    "waits for a recording when there is only audio",
    { recordings: [] },
    { ready: false, waitingFor: "recording", until: part.firstSeenAt + RULES.audioTimeoutMs },
  ],
  [
    "has nothing to do without anything",
    { recordings: [], audio: [] },
    { ready: false, waitingFor: "something", until: null },
  ],
  [
    "cannot make anything of a recording that is still being copied",
    { recordings: [{ ...ann, isWhole: false, handedOff: false }], audio: [] },
    { ready: false, waitingFor: "something", until: null },
  ],
])("with Dynamics an interaction %s", (_title, change, expected) => {
  expect(judgeReadiness({ ...COMPLETE, ...change }, RULES, NOW)).toEqual(expected);
});

test.each<[string, ReadinessFacts]>([
  ["without audio", { ...COMPLETE, audio: [] }],
  ["with a part that never got its file", { ...COMPLETE, audio: [{ ...part, state: "pending" }] }],
  ["without the session's end", { ...COMPLETE, conversation: null }],
  ["with audio only", { ...COMPLETE, recordings: [] }],
])("after the timeout an interaction is archived %s", (_title, facts) => {
  expect(judgeReadiness(facts, RULES, NOW + RULES.audioTimeoutMs)).toEqual({
    ready: true,
    because: "audio-timeout",
  });
});

test("without Dynamics an interaction is ready some time after the last recording came over", () => {
  const rules = { ...RULES, dynamics: false };
  const facts = { recordings: [ann], audio: [], conversation: null };
  const readyAt = ann.receivedAt + rules.readyAfterMs;
  expect(judgeReadiness(facts, rules, readyAt - 1)).toEqual({
    ready: false,
    waitingFor: "last-seal",
    until: readyAt,
  });
  expect(judgeReadiness(facts, rules, readyAt)).toEqual({ ready: true, because: "settled-without-dynamics" });
});

test("without Dynamics a recording that is never handed off keeps the others back until the timeout only", () => {
  const rules = { ...RULES, dynamics: false };
  const gone = { ...ann, isWhole: false, handedOff: false };
  const deadline = ann.receivedAt + rules.audioTimeoutMs;
  const judge = (recordings: ReadinessFacts["recordings"], now: number) =>
    judgeReadiness({ recordings, audio: [], conversation: null }, rules, now);
  const waits = { ready: false, waitingFor: "hand-off", until: deadline };
  expect(judge([ann, gone], deadline - 1)).toEqual(waits);
  expect(judge([ann, gone], deadline)).toEqual({ ready: true, because: "audio-timeout" });
  // Its older revision is here.
  expect(judge([{ ...gone, isWhole: true }], deadline)).toEqual({ ready: true, because: "audio-timeout" });
  expect(judge([gone], deadline)).toEqual({ ready: false, waitingFor: "something", until: null });
});
