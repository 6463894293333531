import { expect, test } from "vitest";
import { isHeldOff, isTimeToLeave, type InstallerMarks, noticeOf, type UpdateNotice } from "./update.ts";

const MIN = 60_000;
const NOW = 1_000 * MIN;

const request = (word: "update" | "removal", ageMs: number): InstallerMarks["request"] => ({
  for: word,
  at: NOW - ageMs,
});
const NONE: InstallerMarks = { request: null, installedAt: null };

test.each<[string, InstallerMarks, number | null, UpdateNotice | null]>([
  ["no installer was there", NONE, null, null],
  ["it still is the version that it was", { ...NONE, installedAt: 7 }, 7, null],
  [
    "an installer waits",
    { ...NONE, request: request("update", 0) },
    null,
    { kind: "update", leaveBy: NOW + 10 * MIN },
  ],
  [
    "an installer has waited for 9 minutes",
    { request: request("update", 9 * MIN), installedAt: 7 },
    7,
    { kind: "update", leaveBy: NOW + MIN },
  ],
  [
    "a removal waits for nobody",
    { ...NONE, request: request("removal", 1_000) },
    null,
    { kind: "removal", leaveBy: NOW - 1_000 },
  ],
  ["an installer crashed 20 minutes ago", { ...NONE, request: request("update", 20 * MIN) }, null, null],
  [
    "an installer asked in the future, for the clock was set back",
    { ...NONE, request: request("update", -2 * MIN) },
    null,
    null,
  ],
  [
    "an installer asked a moment from now, for files have a clock of their own",
    { ...NONE, request: request("update", -10) },
    null,
    { kind: "update", leaveBy: NOW + 10 * MIN },
  ],
  [
    "a new version was installed",
    { ...NONE, installedAt: NOW - MIN },
    NOW - 99 * MIN,
    { kind: "updated", leaveBy: NOW + 9 * MIN },
  ],
  [
    "the first version with a mark was installed",
    { ...NONE, installedAt: NOW },
    null,
    { kind: "updated", leaveBy: NOW + 10 * MIN },
  ],
  [
    "a new version was installed in the future, for the clock was set back",
    { ...NONE, installedAt: NOW + 60 * MIN },
    7,
    { kind: "updated", leaveBy: NOW + 10 * MIN },
  ],
  ["the mark went with the package", NONE, 7, null],
])("%s", (_title, marks, installedBefore, expected) => {
  expect(noticeOf(marks, installedBefore, NOW)).toEqual(expected);
});

test.each<[string, boolean, number, boolean]>([
  ["it leaves at once without a recording", false, 0, true],
  ["it stays with a recording", true, 0, false],
  ["it stays to the last moment", true, 10 * MIN - 1, false],
  ["it leaves a recording when the time is over", true, 10 * MIN, true],
])("%s", (_title, hasRecording, waitedMs, expected) => {
  const notice: UpdateNotice = { kind: "update", leaveBy: NOW + 10 * MIN };
  expect(isTimeToLeave(notice, hasRecording, NOW + waitedMs)).toBe(expected);
});

test("no app starts while an installer wants none, and one that crashed keeps them off for 20 minutes only", () => {
  const ages = [-2 * MIN, 0, 19 * MIN, 20 * MIN];
  expect(ages.map((age) => isHeldOff({ request: request("update", age) }, NOW))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(isHeldOff(NONE, NOW)).toBe(false);
});
