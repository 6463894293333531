import { expect, test } from "vitest";
import { restartDelayMs, withCrash } from "./page-restart.ts";

test("the first crash is mended at once, a series of them ever more slowly", () => {
  let crashes: number[] = [];
  const delays = Array.from({ length: 9 }, (_, index) => {
    crashes = withCrash(crashes, index * 1_000);
    return restartDelayMs(crashes);
  });
  expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("a page that crashes as soon as it is loaded stays slow, one that ran for five minutes is new", () => {
  let [crashes, now]: [number[], number] = [[], 0];
  for (let round = 0; round < 100; round += 1) {
    crashes = withCrash(crashes, now);
    now += restartDelayMs(crashes);
  }
  expect(restartDelayMs(crashes)).toBe(30_000);
  expect(crashes.length).toBeLessThan(20);
  expect(restartDelayMs(withCrash(crashes, now + 300_000))).toBe(0);
});
