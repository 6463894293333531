import fc from "fast-check";
import { expect, test } from "vitest";
import type { OfflineReason } from "./agent-session.ts";
import { reconnectDelayMs } from "./reconnect-schedule.ts";

const ATTEMPTS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const longest = (reason: OfflineReason, isRecording: boolean) =>
  ATTEMPTS.map((attempt) => reconnectDelayMs(attempt, reason, isRecording, 1));

test("delays double up to 2 s while a call is recorded", () => {
  expect(longest("unreachable", true)).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000]);
});

test("delays double up to 30 s while idle", () => {
  expect(longest("silent", false)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test.each(["unauthorized", "revoked", "waits-for-approval", "replaced"] as const)(
  "%s is tried once a minute at most",
  (reason) => {
    expect(new Set([...longest(reason, false), ...longest(reason, true)])).toEqual(new Set([60_000]));
  },
);

test("half of every delay is random, whatever the attempt", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), (attempt, isRecording) => {
      const shortest = reconnectDelayMs(attempt, "unreachable", isRecording, 0);
      expect(reconnectDelayMs(attempt, "unreachable", isRecording, 1)).toBe(2 * shortest);
      expect(Number.isFinite(shortest) && shortest > 0).toBe(true);
    }),
  );
});
