import { expect, test } from "vitest";
import {
  type AgentSession,
  advance,
  NEW_SESSION,
  runningRecordings,
  type SessionEvent,
} from "./agent-session.ts";

const CALL = { recordingId: "R1", since: 1_000 };
const ONLINE: AgentSession = { link: { phase: "online" }, capture: { phase: "idle" }, hidden: null };
const RECORDING: AgentSession = {
  link: { phase: "online" },
  capture: { phase: "recording", calls: [CALL], stopNoLaterThan: 60_000 },
  hidden: null,
};
const START: SessionEvent = { type: "start", calls: [CALL], paused: false, stopNoLaterThan: 60_000 };

test("attempts count until a connection stands, and anew after it", () => {
  const events: SessionEvent[] = [
    { type: "connecting" },
    { type: "link-lost", reason: "unreachable" },
    { type: "connecting" },
    { type: "link-lost", reason: "unauthorized" },
    { type: "connecting" },
    { type: "welcomed" },
    { type: "link-lost", reason: "silent" },
  ];
  let session = NEW_SESSION;
  const links = events.map((event) => {
    [session] = advance(session, event);
    return session.link;
  });
  expect(links).toEqual([
    { phase: "connecting", attempt: 0 },
    { phase: "offline", reason: "unreachable", attempt: 1 },
    { phase: "connecting", attempt: 1 },
    { phase: "offline", reason: "unauthorized", attempt: 2 },
    { phase: "connecting", attempt: 2 },
    { phase: "online" },
    { phase: "offline", reason: "silent", attempt: 1 },
  ]);
});

test("attempts count anew on another network", () => {
  const offline: AgentSession = { ...ONLINE, link: { phase: "offline", reason: "unreachable", attempt: 7 } };
  const [session] = advance(offline, { type: "network-changed" });
  expect(session.link).toEqual({ phase: "offline", reason: "unreachable", attempt: 0 });
  expect(advance(ONLINE, { type: "network-changed" })).toEqual([ONLINE]);
});

test("start begins the capture", () => {
  expect(advance(ONLINE, START)).toEqual([RECORDING, "begin-capture"]);
});

test("start again takes the new calls and begins what is missing", () => {
  const second = { recordingId: "R2", since: 2_000 };
  expect(advance(RECORDING, { ...START, calls: [CALL, second], stopNoLaterThan: 70_000 })).toEqual([
    { ...RECORDING, capture: { phase: "recording", calls: [CALL, second], stopNoLaterThan: 70_000 } },
    "begin-capture",
  ]);
});

test("a paused start ends the capture and remembers the calls", () => {
  expect(advance(RECORDING, { ...START, paused: true })).toEqual([
    { ...RECORDING, capture: { phase: "paused", calls: [CALL], stopNoLaterThan: 60_000 } },
    "end-capture",
  ]);
});

test("a lost connection leaves the capture running", () => {
  expect(advance(RECORDING, { type: "link-lost", reason: "unreachable" })).toEqual([
    { ...RECORDING, link: { phase: "offline", reason: "unreachable", attempt: 1 } },
  ]);
});

test.each(["revoked", "waits-for-approval"] as const)("a desktop that is %s captures no more", (reason) => {
  const link = { phase: "offline", reason, attempt: 1 } as const;
  expect(advance(RECORDING, { type: "link-lost", reason })).toEqual([{ ...ONLINE, link }, "end-capture"]);
  expect(advance(ONLINE, { type: "link-lost", reason })).toEqual([{ ...ONLINE, link }]);
});

test("a heartbeat moves the end of the capture", () => {
  expect(advance(RECORDING, { type: "lease-renewed", stopNoLaterThan: 90_000 })).toEqual([
    { ...RECORDING, capture: { ...RECORDING.capture, stopNoLaterThan: 90_000 } },
  ]);
});

test("a heartbeat changes nothing while idle, nor when the recorder knows of no recording", () => {
  expect(advance(ONLINE, { type: "lease-renewed", stopNoLaterThan: 90_000 })).toEqual([ONLINE]);
  expect(advance(RECORDING, { type: "lease-renewed", stopNoLaterThan: null })).toEqual([RECORDING]);
});

test.each(["stop", "lease-ended"] as const)("%s ends the capture", (type) => {
  expect(advance(RECORDING, { type })).toEqual([ONLINE, "end-capture"]);
});

test("stop ends the capture even when nothing is known to run", () => {
  expect(advance(ONLINE, { type: "stop" })).toEqual([ONLINE, "end-capture"]);
});

test("hello names the recordings that run, paused ones too", () => {
  const [paused] = advance(RECORDING, { ...START, paused: true });
  expect([ONLINE, RECORDING, paused].map(runningRecordings)).toEqual([[], ["R1"], ["R1"]]);
});

test.each<[string, AgentSession, SessionEvent, string[]]>([
  ["a lock hides a capture", RECORDING, { type: "hidden", hidden: "session-locked" }, ["hide-capture"]],
  [
    "told twice it changes nothing",
    { ...RECORDING, hidden: "session-locked" },
    { type: "hidden", hidden: "session-locked" },
    [],
  ],
  [
    "unlocked, it goes on",
    { ...RECORDING, hidden: "session-locked" },
    { type: "hidden", hidden: null },
    ["begin-capture"],
  ],
  ["without a call a lock is only noted", ONLINE, { type: "hidden", hidden: "session-locked" }, []],
  [
    "a call that begins while locked is hidden",
    { ...ONLINE, hidden: "session-locked" },
    START,
    ["hide-capture"],
  ],
  [
    "a pause stays one, locked or not",
    { ...ONLINE, hidden: "session-locked" },
    { ...START, paused: true },
    ["end-capture"],
  ],
])("%s", (_title, session, event, effects) => {
  const [next, ...done] = advance(session, event);
  expect(done).toEqual(effects);
  expect(next.hidden).toBe(event.type === "hidden" ? event.hidden : session.hidden);
});
