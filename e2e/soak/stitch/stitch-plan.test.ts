import { expect, test } from "vitest";
import { planBlows } from "./stitch-plan.ts";

test("the same seed plans the same blows, another seed others; of the kinds each its share", () => {
  const plan = planBlows({ seed: 3, kills: 50 });
  expect(planBlows({ seed: 3, kills: 50 })).toEqual(plan);
  expect(planBlows({ seed: 4, kills: 50 })).not.toEqual(plan);
  const count = (what: string) => plan.filter((blow) => blow.what === what).length;
  expect([count("kill"), count("ffmpeg"), count("disk")]).toEqual([50, 5, 5]);
});
