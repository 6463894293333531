import fc from "fast-check";
import { expect, test } from "vitest";
import type { Budgets } from "#shared/protocol/messages.ts";
import {
  type BudgetControl,
  controlBudget,
  JUDGED_OVER_MS,
  MOST_PATIENCE_MS,
  NEW_CONTROL,
  type Usage,
} from "./budget-controller.ts";

const EVERY_MS = 2_000;
const LAST = 6;
const BUDGETS: Budgets = { cpuPercent: 20, uplinkKbps: 1_000 };

type Plant = (step: number, at: number) => Omit<Usage, "at">;

/** Where the controller stood after each sample. */
function run(plant: Plant, minutes: number, budgets = BUDGETS, from = NEW_CONTROL): BudgetControl[] {
  const steps: BudgetControl[] = [];
  let control = from;
  for (let at = 0; at <= minutes * 60_000; at += EVERY_MS) {
    control = controlBudget(control, { at, ...plant(control.step, at) }, budgets, LAST);
    steps.push(control);
  }
  return steps;
}

function changes(steps: readonly BudgetControl[]): number {
  return steps.filter(({ step }, index) => index > 0 && step !== steps[index - 1]?.step).length;
}

const steady =
  (cpuByStep: readonly number[], kbpsByStep: readonly number[] = []): Plant =>
  (step) => ({ cpuPercent: cpuByStep[step] ?? 0, uplinkKbps: kbpsByStep[step] ?? 0 });

test("what stays within the budgets is left alone", () => {
  const steps = run(steady([19, 12, 8]), 10);
  expect([changes(steps), steps.at(-1)?.state]).toEqual([0, "normal"]);
});

test("a budget that is null is none", () => {
  const steps = run(steady([900], [90_000]), 2, { cpuPercent: null, uplinkKbps: null });
  expect(steps.at(-1)?.state).toBe("normal");
});

test.each([
  ["the processor", steady([30, 19, 10])],
  ["the uplink", steady([], [1_500, 990, 400])],
])("too much of %s lowers by one step within ten seconds", (_what, plant) => {
  const steps = run(plant, 0.25);
  expect(steps.findIndex(({ step }) => step === 1) * EVERY_MS).toBeLessThanOrEqual(JUDGED_OVER_MS);
  expect(steps.at(-1)).toMatchObject({ step: 1, state: "lowered" });
});

test("far too much lowers by two steps at once", () => {
  const steps = run(steady([50, 30, 15]), 0.2).map(({ step }) => step);
  expect([...new Set(steps)]).toEqual([0, 2]);
});

test("a load that not even the last step can bear is said to be one", () => {
  expect(run(steady([99, 90, 80, 70, 60, 50, 40]), 3).at(-1)).toMatchObject({
    step: LAST,
    state: "exceeded",
  });
});

test("a burst that the mean bears changes nothing", () => {
  const keyFrame: Plant = (_step, at) => ({ cpuPercent: 5, uplinkKbps: at % 60_000 === 30_000 ? 3_000 : 50 });
  expect(changes(run(keyFrame, 10))).toBe(0);
});

test("when the load goes, everything comes back, a step at a time", () => {
  const busyAtFirst: Plant = (step, at) => ({
    cpuPercent: at < 60_000 ? 100 * 0.6 ** step : 2,
    uplinkKbps: 0,
  });
  const steps = run(busyAtFirst, 6);
  const lowest = Math.max(...steps.map(({ step }) => step));
  expect(lowest).toBeGreaterThan(2);
  expect(steps.at(-1)).toMatchObject({ step: 0, state: "normal" });
  for (const [index, { step }] of steps.entries())
    if (index * EVERY_MS > 60_000) expect(step).toBeGreaterThanOrEqual((steps[index - 1]?.step ?? 0) - 1);
});

test("a constant load that one step more would break is tried ever more rarely", () => {
  const hour = run(steady([60, 30, 13]), 60);
  // Down at first; then pairs of up and down after 20, 40, 80, … seconds, at last every ten minutes.
  expect(changes(hour.slice(-hour.length / 2))).toBeLessThanOrEqual(
    2 * Math.ceil(1_800_000 / MOST_PATIENCE_MS),
  );
  expect(changes(hour)).toBeLessThanOrEqual(22);
});

test("a policy whose ladder is shorter is followed", () => {
  const low: BudgetControl = { ...NEW_CONTROL, step: 6, state: "lowered" };
  expect(controlBudget(low, { at: 0, cpuPercent: 1, uplinkKbps: 1 }, BUDGETS, 3).step).toBe(3);
});

test("any load that falls with each step ends within its budget or on the last step, and does not swing", () => {
  const falling = fc
    .array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: LAST + 1, maxLength: LAST + 1 })
    .map((loads) => [...loads].sort((left, right) => right - left));
  fc.assert(
    fc.property(falling, falling, (cpuLoads, uplinkLoads) => {
      const plant = steady(
        cpuLoads.map((load) => load * 20),
        uplinkLoads.map((load) => load * 1_000),
      );
      const loadAt = (step: number) => Math.max(cpuLoads[step] ?? 0, uplinkLoads[step] ?? 0);
      const steps = run(plant, 40);
      const settled = steps.slice(-steps.length / 2);
      const above = settled.filter(({ step }) => loadAt(step) > 1 && step < LAST);
      // Only in the seconds that a trial lasts.
      expect(above.length).toBeLessThan(settled.length * 0.05);
      expect(changes(settled)).toBeLessThanOrEqual(8);
    }),
    { numRuns: 20 },
  );
});
