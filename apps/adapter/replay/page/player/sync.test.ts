import fc from "fast-check";
import { expect, test } from "vitest";
import { isSettled, placeOnScreen, SEEK_AT_DRIFT_MS, steerScreen, stretchWithoutPicture } from "./sync.ts";

test("a screen plays only within its own stretch of the interaction", () => {
  const screen = { offsetMs: 3_000, durationMs: 10_000 };
  expect(placeOnScreen(2_999, screen)).toEqual({ phase: "before" });
  expect(placeOnScreen(3_000, screen)).toEqual({ phase: "during", localMs: 0 });
  expect(placeOnScreen(12_999, screen)).toEqual({ phase: "during", localMs: 9_999 });
  expect(placeOnScreen(13_000, screen)).toEqual({ phase: "after" });
});

test("a drift too small to see is left alone", () => {
  expect(steerScreen(20, 1.5, false)).toEqual({ action: "play", playbackRate: 1.5, isNudging: false });
});

test("a screen behind is played faster, one ahead slower", () => {
  expect(steerScreen(70, 1, false)).toEqual({ action: "play", playbackRate: 1.1, isNudging: true });
  expect(steerScreen(-70, 2, false)).toEqual({ action: "play", playbackRate: 1.8, isNudging: true });
});

test("a correction goes on until the drift is nearly gone", () => {
  expect(steerScreen(14, 1, true)).toEqual({ action: "play", playbackRate: 1.02, isNudging: true });
  expect(steerScreen(6, 1, true)).toEqual({ action: "play", playbackRate: 1, isNudging: false });
});

test("a screen more than 250 ms off is moved at once", () => {
  expect(steerScreen(250, 1, true).action).toBe("play");
  expect(steerScreen(251, 1, true)).toEqual({ action: "seek" });
  expect(steerScreen(-251, 1, false)).toEqual({ action: "seek" });
});

test("any drift below the limit is gone within seconds, without overshooting", () => {
  const drift = fc.double({ min: -SEEK_AT_DRIFT_MS, max: SEEK_AT_DRIFT_MS, noNaN: true });
  fc.assert(
    fc.property(drift, fc.constantFrom(0.5, 1, 2, 4), (startMs, rate) => {
      let [driftMs, isNudging] = [startMs, false];
      for (let tick = 0; tick < 60; tick++) {
        const steering = steerScreen(driftMs, rate, isNudging);
        if (steering.action === "seek") throw new Error("left the limit");
        const next = driftMs - 100 * (steering.playbackRate - rate);
        expect(Math.sign(next) * Math.sign(driftMs)).not.toBe(-1);
        [driftMs, isNudging] = [next, steering.isNudging];
      }
      expect(Math.abs(driftMs)).toBeLessThanOrEqual(20);
    }),
  );
});

test("a stopped screen stays where it is in sync, and after a seek only where it is exact", () => {
  expect([-40, 0, 40, 41].map((drift) => isSettled(drift, false))).toEqual([true, true, true, false]);
  expect([-1, 0, 1, 2].map((drift) => isSettled(drift, true))).toEqual([true, true, true, false]);
});

test("a gap says why there is no picture; captured stretches say nothing", () => {
  const gap = { fromMs: 10, toMs: 20, state: "gap", reason: "connection-lost" } as const;
  const coverage = [{ fromMs: 0, toMs: 10, state: "captured" } as const, gap];
  expect([9, 10, 19, 20].map((at) => stretchWithoutPicture(at, coverage))).toEqual([null, gap, gap, null]);
});
