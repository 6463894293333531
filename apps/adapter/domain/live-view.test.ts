import { describe, expect, test } from "vitest";
import type { Live, LiveCall, LiveScreen } from "#shared/api/live.ts";
import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import { mergeLive, type RecorderState } from "./live-view.ts";
import type { LiveScope } from "./permissions.ts";

const NOW = parseRfc3339("2026-03-02T10:10:00Z") ?? 0;
const ALL: LiveScope = { agents: null, seesMachines: true };
const TEAM: LiveScope = { agents: ["ann"], seesMachines: false };

const SCREEN: LiveScreen = {
  ...{ desktop: "PC-1", display: "1", codec: "vp9", width: 1_920, height: 1_080 },
  ...{ state: "captured", gap: null, framesPerSecond: 5, kbitPerSecond: 84 },
};

function call(agent: string, callSessionId: string, change: Partial<LiveCall> = {}): LiveCall {
  const startedAt = "2026-03-02T10:02:00.000Z";
  return {
    ...{ recordingId: `${agent} ${callSessionId}`, agent, callSessionId, leg: 1, startedAt },
    ...{ connectedAt: null, state: "talk", stateSince: startedAt, attributes: {} },
    ...{ pause: null, gap: null, screens: [SCREEN], ...change },
  };
}

function recorder(name: string, calls: LiveCall[], change: Partial<RecorderState> = {}): RecorderState {
  const answer: Live = {
    at: "2026-03-02T10:10:00.000Z",
    calls,
    agents: [
      { agent: "ann", desktops: [desktop("PC-1", "recording"), desktop("PC-3", "idle")] },
      { agent: "Bob", desktops: [desktop("PC-2", "idle"), desktop("PC-4", "offline")] },
    ],
    space: { freeBytes: 10, reserveBytes: 5, bufferBytes: null, quotaBytes: null, alarm: null },
    handoff: { waiting: 3, refused: 0 },
  };
  return { name, answer, answeredAt: NOW - 400, fault: null, ...change };
}

function desktop(device: string, state: "recording" | "idle" | "offline") {
  return { device, state, since: "2026-03-02T08:00:00.000Z", displays: 2, appVersion: "0.1.0" };
}

/** Agents and calls of the rows, in their order. */
const rowsOf = (recorders: RecorderState[], scope = ALL) =>
  mergeLive(recorders, scope, NOW).calls.map(
    ({ agent, callSessionId, recorder: at, isStale }) =>
      `${agent} ${callSessionId} at ${at}${isStale ? ", stale" : ""}`,
  );

const early = { startedAt: "2026-03-02T09:00:00.000Z" };
const noScreen = {
  screens: [],
  gap: { reason: "desktop-offline", since: "2026-03-02T10:02:00.000Z" },
} satisfies Partial<LiveCall>;
const silent = { answeredAt: NOW - 60_000, fault: "r2 did not answer" };

describe("rows", () => {
  test.each<[string, RecorderState[], LiveScope, string[]]>([
    ["no recorder", [], ALL, []],
    [
      "those that began first come first, whoever records them",
      [recorder("r1", [call("ann", "s1"), call("bob", "s2", early)]), recorder("r2", [call("cem", "s3")])],
      ALL,
      ["bob s2 at r1", "ann s1 at r1", "cem s3 at r2"],
    ],
    [
      "only agents that one may watch, whatever the case of their ids",
      [recorder("r1", [call("ANN", "s1"), call("bob", "s2")])],
      TEAM,
      ["ANN s1 at r1"],
    ],
    ["nobody of an empty team", [recorder("r1", [call("ann", "s1")])], { ...TEAM, agents: [] }, []],
    [
      "two agents of one call are two rows",
      [recorder("r1", [call("ann", "s1"), call("bob", "s1")])],
      ALL,
      ["ann s1 at r1", "bob s1 at r1"],
    ],
    [
      "a call that two recorders know is one: of the one that has a screen",
      [recorder("r1", [call("ann", "s1", noScreen)]), recorder("r2", [call("ann", "s1")])],
      ALL,
      ["ann s1 at r2"],
    ],
    [
      "a recorder that answers is believed more than one that does not",
      [recorder("r1", [call("ann", "s1")], silent), recorder("r2", [call("ann", "s1", noScreen)])],
      ALL,
      ["ann s1 at r2"],
    ],
    [
      "what a silent recorder told last is known for a while",
      [recorder("r1", [call("bob", "s2")]), recorder("r2", [call("ann", "s1", early)], silent)],
      ALL,
      ["ann s1 at r2, stale", "bob s2 at r1"],
    ],
    [
      "but not for ever",
      [recorder("r2", [call("ann", "s1")], { ...silent, answeredAt: NOW - 16 * 60_000 })],
      ALL,
      [],
    ],
    [
      "a recorder that hangs is silent too",
      [recorder("r1", [call("ann", "s1")], { answeredAt: NOW - 6_000 })],
      ALL,
      ["ann s1 at r1, stale"],
    ],
    ["one that never answered has none", [recorder("r1", [], { answer: null, answeredAt: null })], ALL, []],
  ])("%s", (_, recorders, scope, expected) => {
    expect(rowsOf(recorders, scope)).toEqual(expected);
  });
});

test("idle desktops are counted for everybody, and named for admins", () => {
  const recorders = [recorder("r1", [])];
  expect(mergeLive(recorders, TEAM, NOW).idle).toEqual({ count: 1, items: null });
  const { count, items } = mergeLive(recorders, ALL, NOW).idle;
  expect([count, items?.map(({ agent, device }) => `${agent} ${device}`)]).toEqual([
    2,
    ["Bob PC-2", "ann PC-3"],
  ]);
  // Nobody knows what became of those of a silent recorder.
  expect(mergeLive([recorder("r1", [], silent)], ALL, NOW).idle.count).toBe(0);
});

test("a recorder that does not answer is named, and what it told last, and when", () => {
  const recorders = [
    recorder("r1", []),
    recorder("r2", [], silent),
    recorder("r3", [], { answer: null, answeredAt: null, fault: "refused" }),
  ];
  const told = { space: recorders[1]?.answer?.space, handoff: { waiting: 3, refused: 0 } };
  expect(mergeLive(recorders, ALL, NOW).recorders).toEqual([
    { name: "r1", isReachable: true, asOf: "2026-03-02T10:09:59.600Z", fault: null, ...told },
    {
      ...{ name: "r2", isReachable: false, asOf: "2026-03-02T10:09:00.000Z", fault: "r2 did not answer" },
      ...told,
    },
    { name: "r3", isReachable: false, asOf: null, fault: "refused", space: null, handoff: null },
  ]);
});

test("who sees no machines learns nothing of recorders but whether they answer", () => {
  expect(mergeLive([recorder("r2", [], silent)], TEAM, NOW).recorders).toEqual([
    {
      ...{ name: "r2", isReachable: false, asOf: "2026-03-02T10:09:00.000Z" },
      ...{ fault: null, space: null, handoff: null },
    },
  ]);
});
