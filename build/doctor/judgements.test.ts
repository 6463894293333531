/** What the doctor makes of what it sees. */
import { describe, expect, test } from "vitest";
import type { Inspection } from "../../apps/recorder/call-buffer/buffer-inspection.ts";
import type { BufferFacts } from "./buffer-facts.ts";
import { judgeFiles, judgeHandoff } from "./buffer-judgement.ts";
import { judgeClock } from "./dynamics-checks.ts";
import { findingsOf } from "./finding.ts";
import { judgeDescriptors, judgeThreads } from "./machine-checks.ts";
import { judgeExposure, judgeMediaAddress } from "./port-checks.ts";

const group = findingsOf("test");
const NOW = Date.UTC(2026, 2, 2, 12);

test.each([
  [1_024, 20, "ok"],
  [1_024, 128, "ok"],
  [1_024, 129, "fail"],
  [Number.POSITIVE_INFINITY, 10_000, "ok"],
  [null, 10_000, "ok"],
])("%s file descriptors for %d screens are %s", (limit, screens, state) => {
  expect(judgeDescriptors(group, limit, screens).state).toBe(state);
});

test.each([
  [undefined, "ok"],
  ["16", "ok"],
  ["64", "ok"],
  ["4", "warn"],
  ["many", "warn"],
])("UV_THREADPOOL_SIZE of %s is %s", (size, state) => {
  expect(judgeThreads(size).state).toBe(state);
});

test.each([
  [null, 10, "warn"],
  [0, 10, "ok"],
  [-999, 10, "ok"],
  [1_001, 0, "warn"],
  [1_400, 1_000, "ok"],
  [-3_000, 100, "warn"],
])("a clock that is %s ms off by an answer that took %d ms is %s", (offset, took, state) => {
  expect(judgeClock(offset, took).state).toBe(state);
});

test.each([
  ["127.0.0.1", null, "127.0.0.1", "ok"],
  ["0.0.0.0", null, "0.0.0.0", "fail"],
  ["0.0.0.0", "10.0.0.5", "0.0.0.0", "ok"],
  ["127.0.0.1", null, "10.0.0.5", "fail"],
])("media on %s announced as %s beside an API on %s is %s", (listenIp, announcedAddress, http, state) => {
  expect(judgeMediaAddress(group, { listenIp, announcedAddress }, http)[0]?.state).toBe(state);
});

test("a listener that others reach without TLS is a warning, one for this machine alone is not spoken of", () => {
  const place = { name: "API port", key: "recorder.http", port: 1, protocols: ["tcp"] as const };
  expect(judgeExposure(group, { ...place, host: "::1" }, "")).toEqual([]);
  expect(judgeExposure(group, { ...place, host: "0.0.0.0" }, "x").map(({ state }) => state)).toEqual([
    "warn",
  ]);
  const tls = { certFile: "a.pem", keyFile: "a.key" };
  expect(judgeExposure(group, { ...place, host: "0.0.0.0", tls }, "x")).toEqual([]);
});

describe("hand-off", () => {
  const nothing: BufferFacts = {
    ...{ screens: 0, bytesPerHour: 0, waitingBytes: 0, oldestWaiting: null, refused: [], acknowledged: [] },
    recordings: { open: 0, waiting: 0 },
  };
  const waits = (ms: number) => ({ oldestWaiting: { id: "01J", endedAt: NOW - ms } });
  test.each<[title: string, facts: Partial<BufferFacts>, isRunning: boolean, states: string[]]>([
    ["nothing at all", {}, false, ["ok", "ok"]],
    ["a recording under way", { recordings: { open: 1, waiting: 0 } }, true, ["ok", "ok"]],
    ["one under way without a recorder", { recordings: { open: 1, waiting: 0 } }, false, ["warn", "ok"]],
    ["one that waits since a minute", waits(60_000), true, ["ok", "ok"]],
    ["one that waits since an hour", waits(3_600_000), true, ["ok", "warn"]],
    ["one that was refused", { refused: [{ id: "01J", nacks: 1, reason: "x" }] }, true, ["ok", "ok", "warn"]],
    [
      "one that is refused",
      { refused: [{ id: "01J", nacks: 10, reason: null }] },
      true,
      ["ok", "ok", "fail"],
    ],
  ])("of %s", (_, facts, isRunning, states) => {
    const found = [...judgeHandoff(group, { ...nothing, ...facts }, { now: NOW, isRunning })];
    expect(found.map(({ state }) => state)).toEqual(states);
  });
});

test("files that are missing fail by kind, those of nobody are named, three of them", () => {
  const fault = { recordingId: "R1", trackId: 1, segmentId: "000001" };
  const stray = (path: string) => ({ path, bytes: 1_024, modifiedAt: 0 });
  const inspection: Inspection = {
    ...{ recordings: 2, segments: 5, bytes: 2_048, ownBytes: 0, parts: [stray("R1/1/000009.scn.part")] },
    damaged: [stray("R1/1/000007.scn.damaged")],
    faults: [
      { ...fault, kind: "missing", path: "R1/1/000001.scn" },
      { ...fault, kind: "wrong-hash", path: "R1/1/000002.scn" },
    ],
    orphans: ["a", "b", "c", "d"].map(stray),
  };
  expect([...judgeFiles(group, inspection, true)].map(({ state, found }) => `${state}: ${found}`)).toEqual([
    "fail: 1 missing (R1/1/000001.scn), 1 with changed content (R1/1/000002.scn), of 5 segments of 2 recordings, 2 KiB",
    "warn: R1/1/000009.scn.part: left by a crash",
    "warn: R1/1/000007.scn.damaged: kept beside what could be taken from them",
    "warn: 4 (4 KiB) that no recording has: a, b, c and 1 more",
  ]);
});
