import fc from "fast-check";
import { expect, test } from "vitest";
import { CounterUnwrapper } from "./counter-unwrapper.ts";

test.each([16, 32] as const)("a counter of %i bits never wraps, in steps of up to half its range", (bits) => {
  const step = fc.integer({ min: 0, max: 2 ** (bits - 1) - 1 });
  fc.assert(
    fc.property(fc.nat({ max: 2 ** bits - 1 }), fc.array(step, { maxLength: 50 }), (start, steps) => {
      const counter = new CounterUnwrapper(bits);
      let truth = start;
      expect(counter.unwrap(start)).toBe(start);
      for (const by of steps) {
        truth += by;
        expect(counter.unwrap(truth % 2 ** bits)).toBe(truth);
      }
    }),
  );
});

test("late values keep their place on both sides of the wrap", () => {
  const counter = new CounterUnwrapper(16);
  expect([65_534, 1, 65_535, 2, 65_533].map((value) => counter.unwrap(value))).toEqual([
    65_534, 65_537, 65_535, 65_538, 65_533,
  ]);
});

test("looking does not move it on", () => {
  const counter = new CounterUnwrapper(16);
  counter.unwrap(0);
  expect([counter.peek(30_000), counter.peek(60_000)]).toEqual([30_000, -5_536]);
});
