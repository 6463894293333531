import { expect, test } from "vitest";
import { judgeHomeless, judgeNoAudio, judgeNoConversation, judgeNoScreens } from "./recovery.ts";

const DAY = 86_400_000;
const late = { endedAt: 0, now: 2 * DAY, patienceMs: DAY };
const young = { endedAt: 0, now: DAY - 1, patienceMs: DAY };
const part = (state: "pending" | "fetched" | "faulty", fault: string | null = null) => ({ state, fault });

test.each([
  ["one part came", [part("faulty", "no sound"), part("fetched")], late, "healed", "1 audio part(s) fetched"],
  ["its file is not there yet", [part("pending")], late, "waiting", "no file in it yet"],
  ["its file cannot be fetched now", [part("pending", "answered 503")], late, "waiting", "answered 503"],
  [
    "its files are no sound",
    [part("faulty", "no sound"), part("faulty", "gone")],
    young,
    "never",
    "no sound; gone",
  ],
  ["Dynamics has none", [], late, "never", "no recording of it: it was not recorded"],
  ["Dynamics has none yet", [], young, "waiting", "no recording of it yet"],
] as const)("a conversation without audio, when %s", (_, parts, patience, outcome, words) => {
  const verdict = judgeNoAudio(parts, patience);
  expect(verdict.outcome).toBe(outcome);
  expect(verdict.why).toContain(words);
});

test.each([
  ["Dynamics knows it", { ...late, isPossibleId: true, conversation: { closed: true } }, "healed", "read"],
  ["it goes on", { ...late, isPossibleId: true, conversation: { closed: false } }, "waiting", "still open"],
  ["it was deleted", { ...late, isPossibleId: true, conversation: null }, "never", "deleted"],
  ["it is new", { ...young, isPossibleId: true, conversation: null }, "waiting", "yet"],
  [
    "it is none of Dynamics'",
    { ...young, isPossibleId: false, conversation: null },
    "never",
    "none that Dynamics gives",
  ],
] as const)("screens without a conversation, when %s", (_, facts, outcome, words) => {
  const verdict = judgeNoConversation(facts);
  expect([verdict.outcome, verdict.why]).toEqual([outcome, expect.stringContaining(words)]);
});

test.each([
  [
    "it names one now",
    { ...part("fetched"), interactionId: "a" },
    late,
    "healed",
    "names its conversation now",
  ],
  [
    "it was deleted",
    { ...part("faulty", "its row was deleted"), interactionId: null },
    late,
    "never",
    "deleted",
  ],
  ["it names none", { ...part("pending"), interactionId: null }, late, "never", "names no conversation"],
  ["it names none yet", { ...part("pending"), interactionId: null }, young, "waiting", "yet"],
  ["nothing is known of it", null, late, "never", "deleted"],
] as const)(
  "a recording at Dynamics without a conversation, when %s",
  (_, facts, patience, outcome, words) => {
    const verdict = judgeHomeless(facts, patience);
    expect([verdict.outcome, verdict.why]).toEqual([outcome, expect.stringContaining(words)]);
  },
);

const whole = { isWhole: true, segments: 3, note: null };
test.each([
  ["they are archived", [whole], true, late, "healed", "archived"],
  ["they are here", [whole], false, late, "waiting", "being made"],
  ["they are coming", [{ ...whole, isWhole: false }], false, late, "waiting", "not handed"],
  [
    "no desktop was there",
    [{ ...whole, segments: 0, note: "events-late" }],
    false,
    young,
    "never",
    "events-late",
  ],
  ["nobody recorded it", [], false, late, "never", "no recorder has a recording"],
  ["it has just ended", [], false, young, "waiting", "yet"],
] as const)(
  "an interaction without screens, when %s",
  (_, recordings, isInArchive, patience, outcome, words) => {
    const verdict = judgeNoScreens(recordings, isInArchive, patience);
    expect([verdict.outcome, verdict.why]).toEqual([outcome, expect.stringContaining(words)]);
  },
);
