import { expect, test } from "vitest";
import { type ClockStep, WallClock } from "./wall-clock.ts";

function clockWithHands() {
  const hands = { system: 1_000_000, monotonic: 500 };
  const steps: ClockStep[] = [];
  const clock = new WallClock({ system: () => hands.system, monotonic: () => hands.monotonic });
  const stopTelling = clock.onStep((step) => steps.push(step));
  const pass = (ms: number) => {
    hands.system += ms;
    hands.monotonic += ms;
  };
  return { hands, steps, clock, pass, stopTelling };
}

/** Listeners are told in a microtask. */
const told = () => Promise.resolve();

test("small corrections of the system clock do not make the wall clock jump", async () => {
  const { hands, steps, clock } = clockWithHands();
  hands.system += 1_015;
  hands.monotonic += 1_000;
  expect(clock.now()).toBe(1_001_000);
  await told();
  expect(steps).toEqual([]);
});

test.each([60_000, -60_000])("a step of %i ms is followed and told once", async (stepMs) => {
  const { hands, steps, clock } = clockWithHands();
  hands.system += stepMs;
  expect(clock.now()).toBe(1_000_000 + stepMs);
  expect(clock.now()).toBe(1_000_000 + stepMs);
  expect(steps).toEqual([]);
  await told();
  expect(steps).toEqual([{ at: 1_000_000 + stepMs, stepMs }]);
});

test("whoever asks for the steady time notices a step too, and the steady time has none", async () => {
  const { hands, steps, clock, pass } = clockWithHands();
  pass(100);
  hands.system -= 7_000;
  expect(clock.steady()).toBe(600);
  await told();
  expect(steps).toEqual([{ at: 993_100, stepMs: -7_000 }]);
});

test("an instant before a step keeps the wall time that it had, however many steps follow", () => {
  const { hands, clock, pass } = clockWithHands();
  const wallTimes = () => [499, 500, 600, 699, 700, 900].map((at) => clock.wallAt(at));
  pass(100);
  hands.system -= 7_000;
  clock.now();
  pass(100);
  hands.system += 2_500;
  clock.now();
  expect(wallTimes()).toEqual([999_999, 1_000_000, 993_100, 993_199, 995_700, 995_900]);
});

test("a clock that is stepped without end forgets only what is long past", () => {
  const { hands, clock, pass } = clockWithHands();
  for (let index = 0; index < 1_000; index++) {
    pass(1_000);
    hands.system += 100;
    clock.now();
  }
  // 50 s ago, 50 steps of 100 ms ago.
  expect(clock.now() - clock.wallAt(clock.steady() - 50_000)).toBe(55_000);
  expect(clock.wallAt(0)).toBeLessThan(clock.wallAt(700_000));
});

test("a listener that has had enough is told nothing more", async () => {
  const { hands, steps, clock, stopTelling } = clockWithHands();
  stopTelling();
  hands.system += 60_000;
  clock.now();
  await told();
  expect(steps).toEqual([]);
});
