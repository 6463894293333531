import { expect, test } from "vitest";
import { choosePoster } from "./choose-poster.ts";
import type { StitchPlan } from "./stitch-plan.ts";

const ANN = "ann@contoso.com";
const BOB = "bob@contoso.com";
type Event = [StitchPlan["events"][number]["type"], number, string?];
type Stretch = [number, number, ("captured" | "gap" | "masked" | "paused")?];

function screen(file: string, agent: string, offsetMs: number, durationMs: number, stretches: Stretch[]) {
  const coverage = stretches.map(([fromMs, toMs, state = "captured"]) => ({ fromMs, toMs, state }));
  const size = { width: 1_920, height: 1_080 };
  const entry = {
    recordingId: file,
    leg: 1,
    agent,
    desktop: "PC",
    display: "1",
    ...size,
    offsetMs,
    coverage,
  };
  return { file, entry, durationMs };
}

function choose(events: Event[], screens: ReturnType<typeof screen>[], durationMs = 100_000) {
  const listed = events.map(([type, offsetMs, agent = ANN]) => ({ at: "", type, offsetMs, agent }));
  return choosePoster({ events: listed, screens, durationMs });
}

const CALL: Event[] = [
  ["ringing", 0],
  ["connected", 10_000],
  ["on-hold", 20_000],
  ["hold-done", 40_000],
  ["wrap-up", 80_000],
];

test("it is the middle of the longest talk, on the screen's own time", () => {
  expect(choose(CALL, [screen("screen-1.mp4", ANN, 2_000, 90_000, [[0, 92_000]])])).toEqual({
    file: "screen-1.mp4",
    atMs: 58_000,
  });
});

test("what was masked, paused or missed is no moment", () => {
  const stretches: Stretch[] = [
    [0, 45_000],
    [45_000, 70_000, "masked"],
    [70_000, 100_000],
  ];
  expect(choose(CALL, [screen("screen-1.mp4", ANN, 0, 100_000, stretches)])?.atMs).toBe(15_000);
});

test("a screen whose agent does not talk while it is seen gives way to the next", () => {
  const events: Event[] = [...CALL, ["ringing", 5_000, BOB], ["not-responding", 9_000, BOB]];
  const screens = [
    screen("screen-1.mp4", BOB, 5_000, 4_000, [[5_000, 9_000]]),
    screen("screen-2.mp4", ANN, 0, 100_000, [[0, 100_000]]),
  ];
  expect(choose(events, screens)).toEqual({ file: "screen-2.mp4", atMs: 60_000 });
});

test("a talk that no event ends goes on to the interaction's end", () => {
  const screens = [screen("screen-1.mp4", ANN, 0, 100_000, [[0, 100_000]])];
  expect(choose([["connected", 50_000]], screens)?.atMs).toBe(75_000);
});

test("without a talk it is of what is seen, and where nothing is seen of the middle", () => {
  expect(choose([], [screen("screen-1.mp4", ANN, 0, 100_000, [[0, 20_000]])])?.atMs).toBe(10_000);
  expect(choose([], [screen("screen-1.mp4", ANN, 0, 100_000, [[0, 100_000, "gap"]])])?.atMs).toBe(50_000);
});

test("without a screen there is none", () => {
  expect(choose(CALL, [])).toBeNull();
});
