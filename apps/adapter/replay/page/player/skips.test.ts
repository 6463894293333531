import fc from "fast-check";
import { expect, test } from "vitest";
import type { CallState } from "#shared/archive/call-stretches.ts";
import { holdSpans, planSkips, skipFrom } from "./skips.ts";

function lane(...stretches: [fromMs: number, toMs: number, state: CallState][]) {
  return { stretches: stretches.map(([fromMs, toMs, state]) => ({ fromMs, toMs, state })) };
}

test.each([
  ["one agent", [lane([0, 10, "talk"], [10, 20, "hold"], [20, 30, "talk"])], [{ fromMs: 10, toMs: 20 }]],
  [
    "another one talks meanwhile",
    [lane([0, 10, "talk"], [10, 30, "hold"]), lane([15, 20, "talk"])],
    [
      { fromMs: 10, toMs: 15 },
      { fromMs: 20, toMs: 30 },
    ],
  ],
  ["another one is rung", [lane([10, 30, "hold"]), lane([15, 20, "ring"])], [{ fromMs: 10, toMs: 30 }]],
  ["a consultation", [lane([10, 30, "consult"]), lane([12, 30, "hold"])], []],
  ["nobody", [], []],
])("the call is on hold when nobody in it speaks: %s", (_title, lanes, expected) => {
  expect(holdSpans(lanes)).toEqual(expected);
});

const SILENCES = [
  { fromMs: 1_000, toMs: 3_999 },
  { fromMs: 5_000, toMs: 9_000 },
];
const HOLDS = [{ fromMs: 8_000, toMs: 12_000 }];

test("a silence of three seconds is left out but for its edges, and joined with a hold", () => {
  expect(planSkips({ silence: true, hold: false }, SILENCES, HOLDS)).toEqual([
    { fromMs: 5_400, toMs: 8_600 },
  ]);
  expect(planSkips({ silence: false, hold: true }, SILENCES, HOLDS)).toEqual(HOLDS);
  expect(planSkips({ silence: true, hold: true }, SILENCES, HOLDS)).toEqual([
    { fromMs: 5_400, toMs: 12_000 },
  ]);
  expect(planSkips({ silence: false, hold: false }, SILENCES, HOLDS)).toEqual([]);
});

test("playing goes on behind what is skipped, once", () => {
  const span = fc
    .tuple(fc.nat(100_000), fc.nat(20_000))
    .map(([fromMs, ms]) => ({ fromMs, toMs: fromMs + ms }));
  fc.assert(
    fc.property(fc.array(span), fc.array(span), fc.nat(120_000), (silences, holds, position) => {
      const skips = planSkips({ silence: true, hold: true }, silences, holds);
      const next = skipFrom(position, skips);
      if (next !== null) expect(next).toBeGreaterThan(position);
      expect(next === null ? null : skipFrom(next, skips)).toBeNull();
    }),
  );
});
