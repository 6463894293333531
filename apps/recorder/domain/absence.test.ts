import { expect, test } from "vitest";
import type { AbsenceDetail } from "#shared/api/coverage.ts";
import { detailOf, whyNoDesktop } from "./absence.ts";
import type { Verdict } from "./coverage-word.ts";
import type { DesktopState } from "./desktop-trust.ts";

test.each<[states: DesktopState[], detail: AbsenceDetail | null]>([
  [[], "never-enrolled"],
  [["active"], null],
  [["pending"], "waits-for-approval"],
  [["revoked"], "revoked"],
  [["revoked", "pending"], "waits-for-approval"],
  [["pending", "revoked", "active"], null],
])("without one of the desktops %j the detail is %s", (states, detail) => {
  expect(whyNoDesktop(states)).toBe(detail);
});

test.each<[word: Verdict["word"], reason: Verdict["reason"], noted: AbsenceDetail | null, shown: boolean]>([
  ["not-recorded", "desktop-offline", "never-enrolled", true],
  ["not-recorded", "events-late", "recorder-started-later", true],
  ["not-recorded", "events-late", "never-enrolled", false],
  ["not-recorded", "paused", "revoked", false],
  ["partial", "desktop-offline", "revoked", false],
  ["recorded", null, "revoked", false],
  ["not-recorded", "desktop-offline", null, false],
])("%s for %s, with %s noted: shown %s", (word, reason, noted, shown) => {
  expect(detailOf({ word, reason }, noted)).toBe(shown ? noted : null);
});
