import { beforeEach, expect, test } from "vitest";
import type { CapturePolicy } from "#shared/protocol/messages.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { SendLimits } from "../domain/budget-ladder.ts";
import { BudgetKeeper } from "./budget-keeper.ts";

const POLICY: CapturePolicy = {
  framesPerSecond: 5,
  maxBitrateKbps: 1_200,
  codecs: ["vp9"],
  monitors: "all",
  budgets: { cpuPercent: 20, uplinkKbps: 1_000 },
};

let now = 0;
let processorMs = 0;
let limits: SendLimits[] = [];
let keeper: BudgetKeeper;

beforeEach(() => {
  now = 50_000;
  processorMs = 700;
  limits = [];
  keeper = new BudgetKeeper({
    now: () => now,
    processorMs: () => processorMs,
    limit: (next) => limits.push(next),
    log: silentLog(),
  });
});

/** So many seconds of a call, with a status every two. */
function capture(seconds: number, cpuPercent: number, kbitPerSecond: number): void {
  for (let passed = 0; passed < seconds; passed += 2) {
    now += 2_000;
    processorMs += cpuPercent * 20;
    keeper.note({ transportId: "t", monitors: 2, framesPerSecond: 5, kbitPerSecond });
  }
}

test("what is taken is told in percent of a core and kbit/s, while something is captured", () => {
  keeper.setPolicy(POLICY);
  expect(keeper.figures).toBeNull();
  capture(12, 12.5, 300);
  expect(keeper.figures).toEqual({ cpuPercent: 12.5, uplinkKbps: 300, framesPerSecond: 5, budget: "normal" });
  keeper.note({ transportId: "t", monitors: 0, framesPerSecond: 0, kbitPerSecond: 0 });
  expect(keeper.figures).toBeNull();
});

test("what was taken between two calls is no part of the next", () => {
  keeper.setPolicy(POLICY);
  capture(6, 10, 100);
  keeper.note({ transportId: "t", monitors: 0, framesPerSecond: 0, kbitPerSecond: 0 });
  processorMs += 60_000;
  capture(12, 10, 100);
  expect(keeper.figures?.cpuPercent).toBe(10);
});

test("the page is limited when a budget is exceeded, and freed again", () => {
  keeper.setPolicy(POLICY);
  limits = [];
  capture(10, 30, 300);
  expect(limits).toEqual([{ framesPerSecond: 3, maxBitrateKbps: 1_200 }]);
  expect(keeper.figures?.budget).toBe("lowered");
  capture(60, 5, 100);
  expect(limits.at(-1)).toEqual({ framesPerSecond: 5, maxBitrateKbps: 1_200 });
  expect(keeper.figures?.budget).toBe("normal");
});

test("a policy without budgets lets everything pass", () => {
  const { budgets: _budgets, ...older } = POLICY;
  keeper.setPolicy(older);
  limits = [];
  capture(60, 300, 30_000);
  expect([limits, keeper.figures?.budget]).toEqual([[], "normal"]);
});

test("a policy that changes in a call takes the lowered step along", () => {
  keeper.setPolicy(POLICY);
  capture(10, 30, 300);
  keeper.setPolicy({ ...POLICY, framesPerSecond: 10 });
  expect(limits.at(-1)).toEqual({ framesPerSecond: 6, maxBitrateKbps: 1_200 });
});
