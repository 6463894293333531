import { expect, test } from "vitest";
import type { CallSummary } from "#shared/protocol/messages.ts";
import type { Capture } from "./agent-session.ts";
import { CATALOGUES } from "./messages/language.ts";
import { callsToTell, viewNotice } from "./recording-notice.ts";

/** 2026-03-02 10:02 UTC. */
const AT = 1772_445_720_000;
const call = (recordingId: string): CallSummary => ({ recordingId, since: AT });
const running = (phase: "recording" | "paused", ...ids: string[]): Capture => ({
  phase,
  calls: ids.map(call),
  stopNoLaterThan: 0,
});
const IDLE: Capture = { phase: "idle" };

test.each([
  { what: "a call that begins", told: [], capture: running("recording", "A"), expected: ["A"] },
  { what: "the same after a reconnect", told: ["A"], capture: running("recording", "A"), expected: [] },
  { what: "a second call beside it", told: ["A"], capture: running("recording", "A", "B"), expected: ["B"] },
  { what: "two at once", told: [], capture: running("recording", "A", "B"), expected: ["A", "B"] },
  { what: "a call that begins paused", told: [], capture: running("paused", "A"), expected: [] },
  { what: "no call", told: ["A"], capture: IDLE, expected: [] },
])("of $what the agent is told: $expected", ({ told, capture, expected }) => {
  const step = callsToTell(told, { capture, hidden: null });
  expect(step.calls.map(({ recordingId }) => recordingId)).toEqual(expected);
  expect(step.told).toEqual([...told, ...expected]);
  expect(callsToTell(step.told, { capture, hidden: null }).calls).toEqual([]);
});

test("behind the lock screen nothing is told, and when it opens it is made up for", () => {
  const capture = running("recording", "A");
  const locked = callsToTell([], { capture, hidden: "session-locked" });
  expect(locked).toEqual({ told: [], calls: [] });
  expect(callsToTell(locked.told, { capture, hidden: null }).calls).toHaveLength(1);
});

test("only the newest recordings are remembered", () => {
  const told = Array.from({ length: 64 }, (_, index) => `R${index}`);
  const step = callsToTell(told, { capture: running("recording", "new"), hidden: null });
  expect(step.told).toHaveLength(64);
  expect(step.told.at(-1)).toBe("new");
});

test.each([
  [
    CATALOGUES.en,
    "en-GB",
    "Your screen is being recorded",
    "Recording — call from A ‹b› ＆ C (Billing), since 10:02",
  ],
  [
    CATALOGUES.de,
    "de-DE",
    "Ihr Bildschirm wird aufgezeichnet",
    "Aufzeichnung läuft – Anruf von A ‹b› ＆ C (Billing), seit 10:02 Uhr",
  ],
] as const)("a notice says what and whose call, without markup: %#", (messages, locale, title, body) => {
  const summary = { ...call("A"), customer: "A <b> & C", queue: "Billing" };
  expect(viewNotice(summary, { locale, messages }, "UTC")).toEqual({ title, body });
});
