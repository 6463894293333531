import { expect, test } from "vitest";
import {
  type AgentSession,
  advance,
  NEW_SESSION,
  runningRecordings,
  type SessionEvent,
} from "./agent-session.ts";

const CALL = { recordingId: "R1", since: 1_000 };
const ONLINE: AgentSession = { link: { phase: "online" }, capture: { phase: "idle" } };
const RECORDING: AgentSession = {
  link: { phase: "online" },
  capture: { phase: "recording", calls: [CALL], stopNoLaterThan: 60_000 },
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

test("start begins the capture", () => {
  expect(advance(ONLINE, START)).toEqual([RECORDING, "begin-capture"]);
});

test("start again takes the new calls and begins what is missing", () => {
  const second = { recordingId: "R2", since: 2_000 };
  expect(advance(RECORDING, { ...START, calls: [CALL, second], stopNoLaterThan: 70_000 })).toEqual([
    {
      link: { phase: "online" },
      capture: { phase: "recording", calls: [CALL, second], stopNoLaterThan: 70_000 },
    },
    "begin-capture",
  ]);
});

test("a paused start ends the capture and remembers the calls", () => {
  expect(advance(RECORDING, { ...START, paused: true })).toEqual([
    {
      link: { phase: "online" },
      capture: { phase: "paused", calls: [CALL], stopNoLaterThan: 60_000 },
    },
    "end-capture",
  ]);
});

test("a lost connection leaves the capture running", () => {
  expect(advance(RECORDING, { type: "link-lost", reason: "unreachable" })).toEqual([
    { link: { phase: "offline", reason: "unreachable", attempt: 1 }, capture: RECORDING.capture },
  ]);
});

test("a heartbeat moves the end of the capture", () => {
  expect(advance(RECORDING, { type: "lease-renewed", stopNoLaterThan: 90_000 })).toEqual([
    { link: { phase: "online" }, capture: { ...RECORDING.capture, stopNoLaterThan: 90_000 } },
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
