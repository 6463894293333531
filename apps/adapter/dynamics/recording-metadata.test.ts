import { expect, test } from "vitest";
import { readStatedStart } from "./recording-metadata.ts";

const AT = Date.UTC(2026, 2, 2, 10, 2, 41, 123);

test.each<[string, unknown, ReturnType<typeof readStatedStart>]>([
  [
    "as Azure Communication Services writes it",
    { callId: "x", chunkIndex: 0, chunkStartTime: "2026-03-02T10:02:41.1234567Z", chunkDuration: 9 },
    { at: AT, uncertaintyMs: 1 },
  ],
  [
    "in whole seconds, less certain",
    { chunkStartTime: "2026-03-02T10:02:41Z" },
    { at: AT - 123, uncertaintyMs: 1_000 },
  ],
  ["with another case", { ChunkStartTime: "2026-03-02T10:02:41.123Z" }, { at: AT, uncertaintyMs: 1 }],
  [
    "wrapped, in a list, with an offset",
    { recordings: [{ chunkStartTime: "2026-03-02T12:02:41.123+02:00" }] },
    { at: AT, uncertaintyMs: 1 },
  ],
  ["under a lesser name", { recordingStartTime: "2026-03-02T10:02:41.123Z" }, { at: AT, uncertaintyMs: 1 }],
  [
    "not by the start of a pause",
    { pauseResumeIntervals: [{ startTime: "2026-03-02T10:02:41.123Z" }] },
    null,
  ],
  ["not by nonsense", { chunkStartTime: "yesterday" }, null],
  ["not by a number", { chunkStartTime: 1_772_445_761_123 }, null],
  ["not by another kind of document", [1, "2", null], null],
])("metadata tell the start %s", (_title, tree, expected) => {
  expect(readStatedStart(JSON.stringify(tree))).toEqual(expected);
});

test.each<[string, unknown, [number, number][] | undefined]>([
  ["with durations in ms", [{ startTime: "2026-03-02T10:02:45.123Z", duration: 2_500 }], [[4_000, 6_500]]],
  [
    "with ends, in another case",
    [{ StartTime: "2026-03-02T10:02:45.123Z", EndTime: "2026-03-02T10:02:46.123Z" }],
    [[4_000, 5_000]],
  ],
  ["not without an end", [{ startTime: "2026-03-02T10:02:45.123Z" }], undefined],
  ["not by nonsense", [null, 7, { startTime: "x", duration: -1 }], undefined],
  ["not when it is no list", { startTime: "2026-03-02T10:02:45.123Z", duration: 1 }, undefined],
])("metadata tell pauses %s", (_title, pauseResumeIntervals, expected) => {
  const text = JSON.stringify({ chunkStartTime: "2026-03-02T10:02:41.123Z", pauseResumeIntervals });
  const pauses = expected?.map(([from, to]) => ({ from: AT + from, to: AT + to }));
  expect(readStatedStart(text)).toEqual({ at: AT, uncertaintyMs: 1, ...(pauses && { pauses }) });
});

test("metadata may begin with a byte order mark, and need not be JSON at all", () => {
  expect(readStatedStart('\uFEFF{"chunkStartTime":"2026-03-02T10:02:41.123Z"}')?.at).toBe(AT);
  expect(readStatedStart("<xml/>")).toBeNull();
  expect(readStatedStart("")).toBeNull();
});
