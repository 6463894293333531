import { describe, expect, test } from "vitest";
import type { LiveRow } from "../../../domain/live-view.ts";
import { endedCalls, type LiveAnswer, nextRows, pictureOf, type ShownRow } from "./live-rows.ts";

const SINCE = "2026-03-02T10:05:00.000Z";

function row(callSessionId: string, change: Partial<LiveRow> = {}): LiveRow {
  const startedAt = "2026-03-02T10:02:00.000Z";
  return {
    ...{ recordingId: `r-${callSessionId}`, agent: "ann", callSessionId, leg: 1, startedAt },
    ...{ connectedAt: startedAt, state: "talk", stateSince: startedAt, attributes: {} },
    ...{ pause: null, gap: null, screens: [], recorder: "r1", asOf: startedAt, isStale: false },
    ...change,
  };
}

/** What the server says so many seconds after 10:10. */
function answer(seconds: number, calls: LiveRow[], ended: string[] = []): LiveAnswer {
  const at = new Date(Date.UTC(2026, 2, 2, 10, 10) + seconds * 1_000).toISOString();
  return { at, calls, idle: { count: 0, items: null }, recorders: [], ended };
}

function play(...answers: LiveAnswer[]): ShownRow[] {
  return answers.reduce(nextRows, [] as ShownRow[]);
}

const shown = (rows: ShownRow[]) =>
  rows.map(({ row: { callSessionId }, endedAt, isPlayable }) => {
    const end = endedAt === null ? "goes on" : `ended ${endedAt.slice(14, 19)}`;
    return `${callSessionId} ${end}${isPlayable ? ", playable" : ""}`;
  });

describe("rows", () => {
  const [first, second] = [row("s1"), row("s2", { startedAt: SINCE })];
  const ringing = row("s3", { startedAt: SINCE, connectedAt: null, state: "ring" });

  test.each<[string, LiveAnswer[], string[]]>([
    ["new calls come last", [answer(0, [first]), answer(2, [second, first])], ["s1 goes on", "s2 goes on"]],
    [
      "a call that has ended keeps its place",
      [answer(0, [first, second]), answer(2, [second]), answer(4, [second])],
      ["s1 ended 10:02", "s2 goes on"],
    ],
    [
      "it leads to its interaction once that is there, and stays so",
      [answer(0, [first]), answer(2, []), answer(4, [], ["s1"]), answer(6, [])],
      ["s1 ended 10:02, playable"],
    ],
    ["it goes after ten minutes", [answer(0, [first]), answer(2, []), answer(603, [])], []],
    ["one that was never answered goes at once", [answer(0, [ringing]), answer(2, [])], []],
    ["one that comes back goes on", [answer(0, [first]), answer(2, []), answer(4, [first])], ["s1 goes on"]],
  ])("%s", (_, answers, expected) => {
    expect(shown(play(...answers))).toEqual(expected);
  });

  test("only calls that have ended and are not playable are asked about, each once", () => {
    const other = row("s1", { recordingId: "r-s1-b", agent: "bob" });
    const rows = play(answer(0, [first, other, second]), answer(2, [second]));
    expect(endedCalls(rows)).toEqual(["s1"]);
    expect(endedCalls(nextRows(rows, answer(4, [second], ["s1"])))).toEqual([]);
  });
});

type Screen = LiveRow["screens"][number];

function screen(display: string, change: Partial<Screen> = {}): Screen {
  return {
    ...{ desktop: "PC", display, codec: "vp9", width: 1_920, height: 1_080 },
    ...{ state: "captured", gap: null, framesPerSecond: 5, kbitPerSecond: 80, ...change },
  };
}

const without = (display: string, reason: string) =>
  screen(display, { state: "gap", gap: { reason, since: SINCE }, framesPerSecond: 0, kbitPerSecond: 0 });

test.each<[string, Partial<LiveRow>, object]>([
  [
    "all screens",
    { screens: [screen("1"), screen("2", { framesPerSecond: 2, kbitPerSecond: 4.5 })] },
    { kind: "captured", screens: 2, framesPerSecond: 5, kbitPerSecond: 84.5, missing: [] },
  ],
  [
    "one of two",
    { screens: [screen("1"), without("2", "desktop-error")] },
    { kind: "captured", screens: 1, framesPerSecond: 5, kbitPerSecond: 80, missing: ["desktop-error"] },
  ],
  [
    "one is off",
    { screens: [screen("1"), without("2", "monitor-off")] },
    { kind: "captured", screens: 1, framesPerSecond: 5, kbitPerSecond: 80, missing: [] },
  ],
  [
    "all are off",
    { screens: [without("1", "monitor-off")] },
    { kind: "gap", reason: "monitor-off", since: SINCE },
  ],
  [
    "a locked session",
    { screens: [without("1", "session-locked")] },
    { kind: "gap", reason: "session-locked", since: SINCE },
  ],
  [
    "no desktop",
    { gap: { reason: "desktop-offline", since: SINCE } },
    { kind: "gap", reason: "desktop-offline", since: SINCE },
  ],
  ["nothing yet", {}, { kind: "waiting" }],
  ["the first picture is awaited", { screens: [screen("1", { state: "waiting" })] }, { kind: "waiting" }],
  [
    "a pause says more than anything",
    {
      pause: { since: SINCE, endsBy: SINCE, reason: "card number", by: "admin" },
      screens: [without("1", "connection-lost")],
    },
    { kind: "paused", by: "admin", why: "card number", since: SINCE },
  ],
])("what comes in with %s", (_, change, expected) => {
  expect(pictureOf(row("s1", change))).toEqual(expected);
});
