import { expect, test } from "vitest";
import { type ClockStep, WallClock } from "./wall-clock.ts";

function clockWithHands() {
  const hands = { system: 1_000_000, monotonic: 500 };
  const steps: ClockStep[] = [];
  const clock = new WallClock((step) => steps.push(step), {
    system: () => hands.system,
    monotonic: () => hands.monotonic,
  });
  return { hands, steps, clock };
}

test("small corrections of the system clock do not make the wall clock jump", () => {
  const { hands, steps, clock } = clockWithHands();
  hands.system += 1_015;
  hands.monotonic += 1_000;
  expect(clock.now()).toBe(1_001_000);
  expect(steps).toEqual([]);
});

test.each([60_000, -60_000])("a step of %i ms is followed and reported once", (stepMs) => {
  const { hands, steps, clock } = clockWithHands();
  hands.system += stepMs;
  expect(clock.now()).toBe(1_000_000 + stepMs);
  expect(clock.now()).toBe(1_000_000 + stepMs);
  expect(steps).toEqual([{ at: 1_000_000 + stepMs, stepMs }]);
});
