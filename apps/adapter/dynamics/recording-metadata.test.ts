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

test("metadata may begin with a byte order mark, and need not be JSON at all", () => {
  expect(readStatedStart('\uFEFF{"chunkStartTime":"2026-03-02T10:02:41.123Z"}')?.at).toBe(AT);
  expect(readStatedStart("<xml/>")).toBeNull();
  expect(readStatedStart("")).toBeNull();
});
