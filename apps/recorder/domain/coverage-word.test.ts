import { describe, expect, test } from "vitest";
import type { GapReason } from "#shared/api/coverage.ts";
import { judgeRecording, type RecordingFacts } from "./coverage-word.ts";

/** A call that rang at 0 s, was answered at 10 s and ended at 60 s; times in seconds. */
function recording(
  tracks: {
    openedAt?: number;
    segments: [number, number][];
    outages?: [number, number | null, GapReason][];
  }[],
  changes: Partial<RecordingFacts> = {},
): RecordingFacts {
  return {
    startedAt: 0,
    connectedAt: 10_000,
    keptAt: 10_000,
    endedAt: 60_000,
    phase: "sealed",
    isStartRefused: false,
    outages: [],
    pauses: [],
    policy: null,
    tracks: tracks.map(({ openedAt = 1, segments, outages = [] }) => ({
      openedAt: openedAt * 1_000,
      segments: segments.map(([from, to]) => ({ from: from * 1_000, to: to * 1_000 })),
      outages: outages.map(([from, to, reason]) => ({
        from: from * 1_000,
        to: to === null ? null : to * 1_000,
        reason,
      })),
    })),
    ...changes,
  };
}

describe("a recording's word", () => {
  test("is recorded when there is a picture from the answer to the end, however late after the ring", () => {
    expect(judgeRecording(recording([{ segments: [[9, 60]] }]))).toEqual({ word: "recorded", reason: null });
  });

  test("allows a gap of 2 s at its start, and no more", () => {
    expect(judgeRecording(recording([{ segments: [[12, 60]] }])).word).toBe("recorded");
    expect(judgeRecording(recording([{ segments: [[12.1, 60]] }]))).toEqual({
      word: "partial",
      reason: "late-start",
    });
  });

  test("allows gaps of 1 s in total after it, and no more", () => {
    const withLoss = (to: number) =>
      judgeRecording(
        recording([
          {
            segments: [[0, 60]],
            outages: [
              [20, 20.5, "loss"],
              [30, to, "connection-lost"],
            ],
          },
        ]),
      );
    expect(withLoss(30.5)).toEqual({ word: "recorded", reason: null });
    expect(withLoss(30.7)).toEqual({ word: "partial", reason: "connection-lost" });
  });

  test("does not count gaps before the answer", () => {
    const outages: [number, number, GapReason][] = [[2, 9, "connection-lost"]];
    expect(judgeRecording(recording([{ segments: [[1, 60]], outages }])).word).toBe("recorded");
  });

  test("counts from the first event that kept it when nobody said connected", () => {
    const facts = recording([{ segments: [[25, 60]] }], { connectedAt: null, keptAt: 24_000 });
    expect(judgeRecording(facts).word).toBe("recorded");
  });

  test("does not count a monitor that was off as a gap", () => {
    const outages: [number, number, GapReason][] = [[20, 40, "monitor-off"]];
    expect(judgeRecording(recording([{ segments: [[1, 60]], outages }])).word).toBe("recorded");
  });

  test("is the worst of its tracks", () => {
    const facts = recording([
      { segments: [[1, 60]] },
      { openedAt: 1, segments: [], outages: [[1, 60, "desktop-error"]] },
    ]);
    expect(judgeRecording(facts)).toEqual({ word: "not-recorded", reason: "desktop-error" });
  });

  test("counts a track from when its monitor appeared, but the first one from the start", () => {
    const first = { openedAt: 1, segments: [[1, 60]] as [number, number][] };
    const later = { openedAt: 30, segments: [[31, 60]] as [number, number][] };
    expect(judgeRecording(recording([first, later])).word).toBe("recorded");
    expect(judgeRecording(recording([later])).word).toBe("partial");
  });

  test("is not-recorded without any track, with the reason", () => {
    expect(judgeRecording(recording([], { isStartRefused: true }))).toEqual({
      word: "not-recorded",
      reason: "events-late",
    });
    const outages = [{ from: 0, to: 60_000, reason: "desktop-offline" as const }];
    expect(judgeRecording(recording([], { outages }))).toEqual({
      word: "not-recorded",
      reason: "desktop-offline",
    });
    expect(judgeRecording(recording([]))).toEqual({ word: "not-recorded", reason: "late-start" });
  });

  test("takes a pause for no gap", () => {
    const pauses = [{ from: 20_000, to: 50_000, by: "admin", source: "card number", isOverdue: false }];
    expect(
      judgeRecording(
        recording(
          [
            {
              segments: [
                [1, 20],
                [50.5, 60],
              ],
            },
          ],
          { pauses },
        ),
      ).word,
    ).toBe("recorded");
    expect(
      judgeRecording(
        recording(
          [
            {
              segments: [
                [1, 20],
                [51.5, 60],
              ],
            },
          ],
          { pauses },
        ),
      ),
    ).toEqual({
      word: "partial",
      reason: "late-start",
    });
  });

  test("is not-recorded: paused when a pause left no picture at all", () => {
    const pauses = [{ from: 0, to: 59_800, by: "admin", source: "card number", isOverdue: false }];
    expect(judgeRecording(recording([], { pauses }))).toEqual({ word: "not-recorded", reason: "paused" });
    const facts = recording([{ openedAt: 1, segments: [[1, 8]] }], {
      pauses: pauses.map((pause) => ({ ...pause, from: 8_000 })),
    });
    expect(judgeRecording(facts)).toEqual({ word: "not-recorded", reason: "paused" });
    const outages = [{ from: 1_000, to: 60_000, reason: "desktop-offline" as const }];
    const shortly = pauses.map((pause) => ({ ...pause, to: 12_000 }));
    expect(judgeRecording(recording([], { outages, pauses: shortly })).reason).toBe("desktop-offline");
  });

  test("of an unanswered ring is not-recorded: not-answered", () => {
    const facts = recording([{ segments: [[1, 60]] }], {
      phase: "discarded",
      connectedAt: null,
      keptAt: null,
    });
    expect(judgeRecording(facts)).toEqual({ word: "not-recorded", reason: "not-answered" });
  });

  test("of a discarded one that turns out to have been answered is not-recorded: events-late, its pictures are gone", () => {
    const facts = recording([{ segments: [[1, 60]] }], { phase: "discarded" });
    expect(judgeRecording(facts)).toEqual({ word: "not-recorded", reason: "events-late" });
  });
});
