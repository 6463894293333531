import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { runSideBySide } from "./side-by-side.ts";

const { signal } = new AbortController();

test("so many run at once, and what they give is in their order", async () => {
  let [running, most] = [0, 0];
  const jobs = [5, 1, 3, 2].map((turns) => async () => {
    running += 1;
    most = Math.max(most, running);
    for (let left = turns; left > 0; left -= 1) await turn();
    running -= 1;
    return turns;
  });
  expect(await runSideBySide(2, jobs, signal)).toEqual([5, 1, 3, 2]);
  expect(most).toBe(2);
  expect(await runSideBySide(2, [], signal)).toEqual([]);
});

test("the first that fails ends the one beside it, which is waited for, and the others never begin", async () => {
  const seen: string[] = [];
  const jobs = [
    async () => {
      await turn();
      throw new Error("no space left");
    },
    async (stopped: AbortSignal) => {
      await new Promise((resolve) => stopped.addEventListener("abort", resolve));
      await turn();
      seen.push("stopped");
      throw new Error("was stopped");
    },
    () => Promise.resolve(seen.push("begun")),
  ];
  await expect(runSideBySide(2, jobs, signal)).rejects.toThrow("no space left");
  expect(seen).toEqual(["stopped"]);
});

test("an abort ends all", async () => {
  const outer = new AbortController();
  const jobs = [
    (stopped: AbortSignal) =>
      new Promise((resolve) => {
        stopped.addEventListener("abort", resolve);
        outer.abort(new Error("the adapter ends"));
      }),
  ];
  await expect(runSideBySide(1, jobs, outer.signal)).rejects.toThrow("the adapter ends");
});
