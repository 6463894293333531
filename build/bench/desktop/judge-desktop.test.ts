import { expect, test } from "vitest";
import type { DesktopCost } from "./desktop-cost.ts";
import { judgeDesktop } from "./judge-desktop.ts";

const COST: DesktopCost = {
  what: "mix",
  codec: "vp9",
  monitors: 1,
  seconds: 60,
  cpuPercent: 12.5,
  cpuByRole: { main: 0, page: 12.5, gpu: 0, network: 0, other: 0 },
  xPercent: 0,
  pssMb: 200,
  wireKbps: { mean: 100, p50: 100, p95: 250, max: 400 },
  packetsPerSecond: 40,
  framesPerSecond: 5,
  ringToFirstFrameMs: 900,
};

test("the mix is judged by its processor time and by its wire rate", () => {
  expect(judgeDesktop([COST]).map(({ isMet }) => isMet)).toEqual([false, true]);
});

test("two monitors are promised nothing", () => {
  expect(judgeDesktop([{ ...COST, monitors: 2 }])).toEqual([]);
});

test.each([
  ["idle", 0.5],
  ["static", 5],
  ["down", 0.2],
])("%s may take %s %% of a core", (what, most) => {
  const judged = [most, most + 0.01].flatMap((cpuPercent) => judgeDesktop([{ ...COST, what, cpuPercent }]));
  expect(judged.map(({ isMet }) => isMet)).toEqual([true, false]);
});
