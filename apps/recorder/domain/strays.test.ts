import { expect, test } from "vitest";
import { at } from "./testing/agent-ledger.ts";
import { describeStray } from "./strays.ts";

test.each([
  ["a call of which only not-responding came was not answered", ["not-responding"], false, "not-answered"],
  ["so was one with further ends", ["agent-available", "not-responding"], false, "not-answered"],
  ["a call of which only the end came", ["agent-available"], false, "only-end-seen"],
  ["a second end beside a recording says nothing new", ["agent-available"], true, null],
  ["nor does a ring beside it", ["ringing", "not-responding"], true, null],
  ["an answer that no recording has came too late", ["ringing", "connected"], true, "events-late"],
] as const)("%s", (_, types, hasRecording, reason) => {
  const events = types.map((type, index) => at(index, type));
  expect(describeStray(events, hasRecording)).toEqual({ from: 0, to: (types.length - 1) * 1_000, reason });
});

test("without events there is nothing", () => {
  expect(describeStray([], false)).toBeNull();
});
