import fc from "fast-check";
import { expect, test } from "vitest";
import { jumpFrom } from "./jumps.ts";

const SKIPS = [
  { fromMs: 10, toMs: 20 },
  { fromMs: 40, toMs: 60 },
];
const loop = (fromMs: number, toMs: number | null) => ({ fromMs, toMs });

test.each([
  ["nothing is chosen", 15, [], null, null],
  ["in a skip", 15, SKIPS, null, 20],
  ["beside a skip", 20, SKIPS, null, null],
  ["at a loop's end", 35, [], loop(25, 35), 25],
  ["a loop's end that is not chosen yet", 35, [], loop(25, null), null],
  ["a skip within a loop", 12, SKIPS, loop(5, 35), 20],
  ["a skip over a loop's end", 41, SKIPS, loop(30, 50), 30],
  ["a skip at a loop's beginning", 50, SKIPS, loop(15, 50), 20],
  ["a loop that is skipped as a whole: within", 45, SKIPS, loop(42, 50), null],
  ["a loop that is skipped as a whole: at its end", 50, SKIPS, loop(42, 50), 42],
])("where playing goes on: %s", (_title, at, skips, chosen, expected) => {
  expect(jumpFrom(at, { skips, loop: chosen }, 100)).toBe(expected);
});

test("a jump is never followed by one that leads back to it", () => {
  const span = fc
    .tuple(fc.nat(80), fc.integer({ min: 1, max: 30 }))
    .map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms }));
  // Apart and in order, as planned.
  const skips = fc
    .array(span, { maxLength: 3 })
    .map((spans) =>
      spans
        .toSorted((a, b) => a.fromMs - b.fromMs)
        .reduce<typeof spans>(
          (apart, each) => (each.fromMs > (apart.at(-1)?.toMs ?? -1) ? [...apart, each] : apart),
          [],
        ),
    );
  fc.assert(
    fc.property(skips, fc.option(span), fc.nat(120), (planned, chosen, at) => {
      const jumps = { skips: planned, loop: chosen };
      const next = jumpFrom(at, jumps, 1_000);
      expect(next === null ? null : jumpFrom(next, jumps, 1_000)).toBeNull();
    }),
  );
});
