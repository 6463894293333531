import { describe, expect, test } from "vitest";
import type { CoverageStretch } from "./coverage.ts";
import { listGaps } from "./ledger-gaps.ts";

const captured: CoverageStretch = { from: 0, to: 10, state: "captured" };
const lost: CoverageStretch = { from: 10, to: 20, state: "gap", reason: "connection-lost" };
const paused: CoverageStretch = { from: 20, to: 30, state: "paused", by: "admin", source: "private" };
const unstarted: CoverageStretch = { from: 0, to: 30, state: "gap", reason: "late-start" };
const judged = { word: "not-recorded", reason: "events-late" } as const;

describe("the gaps of a recording", () => {
  test("are those of its tracks, without pauses", () => {
    const tracks = [
      { id: "1", coverage: [captured, lost, paused] },
      { id: "2", coverage: [captured] },
    ];
    expect(listGaps({ tracks, coverageWithoutTrack: [], verdict: judged })).toEqual([
      { from: 10, to: 20, reason: "connection-lost", track: "1" },
    ]);
  });

  test("without a track are those of the whole, with the verdict's reason where nothing ever began", () => {
    expect(listGaps({ tracks: [], coverageWithoutTrack: [unstarted, lost], verdict: judged })).toEqual([
      { from: 0, to: 30, reason: "events-late", track: null },
      { from: 10, to: 20, reason: "connection-lost", track: null },
    ]);
  });

  test.each(["not-answered", "not-sampled", "too-short"] as const)(
    "are none where nothing was to be recorded: %s",
    (reason) => {
      const verdict = { word: "not-recorded", reason } as const;
      expect(listGaps({ tracks: [], coverageWithoutTrack: [unstarted], verdict })).toEqual([]);
    },
  );
});
