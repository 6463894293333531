import { describe, expect, test } from "vitest";
import { describeTrack } from "./coverage.ts";

const span = (from: number, to: number) => ({ from, to });

describe("coverage of a track", () => {
  test("between the ring and the first frame is a late start", () => {
    expect(describeTrack({ segments: [span(1_500, 9_000)], outages: [], pauses: [] }, 0, 9_000)).toEqual([
      { from: 0, to: 1_500, state: "gap", reason: "late-start" },
      { from: 1_500, to: 9_000, state: "captured" },
    ]);
  });

  test("takes a still screen between and after segments as captured", () => {
    const segments = [span(0, 10_000), span(14_000, 20_000)];
    expect(describeTrack({ segments, outages: [], pauses: [] }, 0, 25_000)).toEqual([
      { from: 0, to: 25_000, state: "captured" },
    ]);
  });

  test("shows an outage as a gap even if a file bridges it", () => {
    const outages = [{ from: 3_000, to: 5_000, reason: "connection-lost" as const }];
    expect(describeTrack({ segments: [span(0, 9_000)], outages, pauses: [] }, 0, 9_000)).toEqual([
      { from: 0, to: 3_000, state: "captured" },
      { from: 3_000, to: 5_000, state: "gap", reason: "connection-lost" },
      { from: 5_000, to: 9_000, state: "captured" },
    ]);
  });

  test("goes on with the outage's reason until a file has a picture again", () => {
    const outages = [{ from: 3_000, to: 5_000, reason: "recorder-restart" as const }];
    const segments = [span(0, 3_000), span(6_000, 9_000)];
    expect(describeTrack({ segments, outages, pauses: [] }, 0, 9_000)).toEqual([
      { from: 0, to: 3_000, state: "captured" },
      { from: 3_000, to: 6_000, state: "gap", reason: "recorder-restart" },
      { from: 6_000, to: 9_000, state: "captured" },
    ]);
  });

  test("is cut to the recording: pictures from before and after it are not its own", () => {
    expect(describeTrack({ segments: [span(0, 50_000)], outages: [], pauses: [] }, 10_000, 20_000)).toEqual([
      { from: 10_000, to: 20_000, state: "captured" },
    ]);
  });

  test("has no stretches for slivers of rounding", () => {
    const outages = [{ from: 4_999.6, to: 5_000.2, reason: "loss" as const }];
    expect(describeTrack({ segments: [span(0, 9_000)], outages, pauses: [] }, 0, 9_000)).toEqual([
      { from: 0, to: 9_000, state: "captured" },
    ]);
  });

  test("of an open recording ends with what is known, and with an outage that lasts", () => {
    const segments = [span(1_000, 61_000)];
    expect(describeTrack({ segments, outages: [], pauses: [] }, 0, null)).toEqual([
      { from: 0, to: 1_000, state: "gap", reason: "late-start" },
      { from: 1_000, to: 61_000, state: "captured" },
    ]);
    const outages = [{ from: 61_000, to: null, reason: "connection-lost" as const }];
    expect(describeTrack({ segments, outages, pauses: [] }, 0, null).at(-1)).toEqual({
      from: 61_000,
      to: null,
      state: "gap",
      reason: "connection-lost",
    });
    expect(describeTrack({ segments: [], outages: [], pauses: [] }, 0, null)).toEqual([]);
  });

  describe("with a pause", () => {
    const by = { by: "integration", source: "card number" };
    const pause = (from: number, to: number | null, isOverdue = false) => ({ from, to, ...by, isOverdue });

    test("shows it whatever else is known of that time, and who asked for it", () => {
      const facts = {
        segments: [span(0, 3_600), span(6_000, 9_000)],
        outages: [{ from: 4_000, to: 5_000, reason: "recorder-restart" as const }],
        pauses: [pause(3_000, 6_000)],
      };
      expect(describeTrack(facts, 0, 9_000)).toEqual([
        { from: 0, to: 3_000, state: "captured" },
        { from: 3_000, to: 6_000, state: "paused", ...by },
        { from: 6_000, to: 9_000, state: "captured" },
      ]);
    });

    test("is cut to the recording", () => {
      const facts = {
        segments: [span(2_000, 9_000)],
        outages: [],
        pauses: [pause(-500, 2_000), pause(8_000, null)],
      };
      expect(describeTrack(facts, 0, 9_000)).toEqual([
        { from: 0, to: 2_000, state: "paused", ...by },
        { from: 2_000, to: 8_000, state: "captured" },
        { from: 8_000, to: 9_000, state: "paused", ...by },
      ]);
      expect(describeTrack({ ...facts, pauses: [pause(-900, -100)] }, 0, 9_000)[0]?.state).toBe("gap");
    });

    test("is late after it until a picture returns", () => {
      const facts = {
        segments: [span(0, 3_000), span(6_400, 9_000)],
        outages: [],
        pauses: [pause(3_000, 6_000)],
      };
      expect(describeTrack(facts, 0, 9_000)).toEqual([
        { from: 0, to: 3_000, state: "captured" },
        { from: 3_000, to: 6_000, state: "paused", ...by },
        { from: 6_000, to: 6_400, state: "gap", reason: "late-start" },
        { from: 6_400, to: 9_000, state: "captured" },
      ]);
    });

    test("that nobody ended says so", () => {
      const facts = { segments: [span(0, 3_000)], outages: [], pauses: [pause(3_000, 6_000, true)] };
      expect(describeTrack(facts, 0, 6_000).at(-1)).toEqual({
        from: 3_000,
        to: 6_000,
        state: "paused",
        ...by,
        reason: "max-pause",
      });
    });

    test("that lasts has no end while the recording is open", () => {
      const facts = { segments: [span(0, 3_000)], outages: [], pauses: [pause(3_000, null)] };
      expect(describeTrack(facts, 0, null)).toEqual([
        { from: 0, to: 3_000, state: "captured" },
        { from: 3_000, to: null, state: "paused", ...by },
      ]);
      expect(describeTrack({ ...facts, segments: [] }, 5_000, null)).toEqual([
        { from: 5_000, to: null, state: "paused", ...by },
      ]);
    });
  });
});
