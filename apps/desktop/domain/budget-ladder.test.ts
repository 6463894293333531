import fc from "fast-check";
import { expect, test } from "vitest";
import { budgetLadder, FEWEST_FRAMES_PER_SECOND, LOWEST_BITRATE_KBPS } from "./budget-ladder.ts";

test("first there are fewer frames, then less for each", () => {
  expect(
    budgetLadder({ framesPerSecond: 5, maxBitrateKbps: 1_200 }).map(
      ({ framesPerSecond, maxBitrateKbps }) => `${framesPerSecond.toFixed(1)} ${maxBitrateKbps}`,
    ),
  ).toEqual(["5.0 1200", "3.0 1200", "1.8 1200", "1.0 1200", "1.0 720", "1.0 432", "1.0 250"]);
});

test("it begins with the policy and goes down to the floor, never below and never up", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 30, noNaN: true }),
      fc.integer({ min: 100, max: 20_000 }),
      (framesPerSecond, maxBitrateKbps) => {
        const ladder = budgetLadder({ framesPerSecond, maxBitrateKbps });
        expect(ladder[0]).toEqual({ framesPerSecond, maxBitrateKbps });
        expect(ladder.at(-1)).toEqual({
          framesPerSecond: Math.min(framesPerSecond, FEWEST_FRAMES_PER_SECOND),
          maxBitrateKbps: Math.min(maxBitrateKbps, LOWEST_BITRATE_KBPS),
        });
        for (const [index, step] of ladder.slice(1).entries()) {
          const above = ladder[index];
          if (above === undefined) throw new Error("a step without one above it");
          const fewerFrames = step.framesPerSecond < above.framesPerSecond;
          expect([fewerFrames, step.maxBitrateKbps < above.maxBitrateKbps]).toEqual([
            fewerFrames,
            !fewerFrames,
          ]);
          // A lower bitrate only once the frames cannot be fewer.
          if (!fewerFrames)
            expect(step.framesPerSecond).toBe(Math.min(framesPerSecond, FEWEST_FRAMES_PER_SECOND));
        }
      },
    ),
  );
});
