import { expect, test } from "vitest";
import type { Recording } from "#shared/api/recording.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { madeRecording } from "../rig/made-recording.ts";
import { listWithoutScreen, noteOf } from "./without-screen.ts";

/** 2026-03-02T10:00:00Z. */
const T = 1_772_445_600_000;
const SPAN = { from: T, to: T + 60_000 };

function unseen(change: Partial<Recording>): Recording {
  return madeRecording(
    {
      ...{ id: "R1", callSessionId: "s1", tracks: [], coverage: "not-recorded" },
      ...{
        startedAt: formatInstant(T),
        connectedAt: formatInstant(T + 5_000),
        endedAt: formatInstant(T + 50_000),
      },
      ...change,
    },
    [],
  );
}

test.each<[note: string | null, said: string | null]>([
  ["desktop-offline", "desktop-offline"],
  ["disk-full", "disk-full"],
  ["recorder-restart", "recorder-restart"],
  ["session-locked", "session-locked"],
  ["late-start", "late-start"],
  ["not-sampled", "not-sampled"],
  ["too-short, files-erased", "too-short"],
  ["paused", "paused"],
  ["max-wrap-up, desktop-error", "desktop-error"],
  // It was decided too late to capture, and then Dynamics said that the agent was still in the call.
  ["events-late, still-joined, desktop-offline", "desktop-offline"],
  ["desktop-offline, never-enrolled", "desktop-offline, never-enrolled"],
  ["events-late, recorder-started-later", "events-late, recorder-started-later"],
  ["events-late, not-answered", "events-late"],
  // A detail of another reason is none.
  ["events-late, revoked", "events-late"],
  ["max-silence", null],
  ["files-erased", null],
  [null, null],
])("of a recording with the note %s is told: %s", (note, said) => {
  const [told = null] = listWithoutScreen([unseen({ note })], new Set(), SPAN);
  expect(told === null ? null : noteOf(told)).toBe(said);
});

test("it lasts from the answer to the end, within the interaction", () => {
  const lasts = (change: Partial<Recording>) =>
    listWithoutScreen([unseen({ note: "disk-full", ...change })], new Set(), SPAN).map(
      ({ offsetMs, durationMs }) => [offsetMs, offsetMs + durationMs],
    );
  expect([
    lasts({}),
    lasts({ connectedAt: null }),
    lasts({ endedAt: null }),
    lasts({ startedAt: formatInstant(T - 10_000), connectedAt: null, endedAt: formatInstant(T + 70_000) }),
    lasts({ connectedAt: formatInstant(T + 65_000), endedAt: formatInstant(T + 66_000) }),
  ]).toEqual([[[5_000, 50_000]], [[0, 50_000]], [[5_000, 60_000]], [[0, 60_000]], [[60_000, 60_000]]]);
});

test("one that has a screen is not told of", () => {
  expect(listWithoutScreen([unseen({ note: "disk-full" })], new Set(["R1"]), SPAN)).toEqual([]);
});
