import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("so many jobs run at once, the others in the order they came, whatever becomes of those before", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  let running = 0;
  let mostRunning = 0;
  const jobs = Array.from({ length: 7 }, (_, index) =>
    turns.run(async () => {
      begun.push(index);
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (index === 1) throw new Error("the second one fails");
      return index;
    }),
  );
  const ends = await Promise.allSettled(jobs);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(mostRunning).toBe(2);
  expect(ends.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    ...Array.from({ length: 5 }, () => "fulfilled"),
  ]);
});
