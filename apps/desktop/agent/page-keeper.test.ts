import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { PageKeeper } from "./page-keeper.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A page whose life is the test's, and what was done about it. */
function keptPage() {
  const journal: string[] = [];
  const state = { canLoad: true, dies: true };
  const keeper = new PageKeeper({
    page: {
      load() {
        journal.push("load");
        return state.canLoad ? Promise.resolve() : Promise.reject(new Error("no such page"));
      },
      kill() {
        journal.push("kill");
        if (state.dies) keeper.died("killed");
      },
    },
    steady: () => Date.now(),
    onLost: (message) => journal.push(message.replace(/the capture page died /, "")),
    onReturned: () => journal.push("returned"),
    log: silentLog(),
  });
  const pass = async (ms: number, talks = true) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 500) {
      if (talks) keeper.heard(true);
      await vi.advanceTimersByTimeAsync(500);
    }
  };
  return { keeper, journal, state, pass };
}

test("a page that died is loaded again at once", async () => {
  const { keeper, journal, pass } = keptPage();
  await keeper.start();
  keeper.died("crashed");
  await pass(500);
  expect(journal).toEqual(["load", "(crashed), 1 time(s) within minutes", "load", "returned"]);
});

test("one that dies again and again is loaded ever later, and each time is told", async () => {
  const { keeper, journal, pass } = keptPage();
  await keeper.start();
  for (let time = 0; time < 4; time += 1) {
    keeper.died("crashed");
    await pass(1_000);
  }
  // After the fourth it is waited for two seconds.
  expect(journal.filter((line) => line === "returned")).toHaveLength(3);
  await pass(1_500);
  expect(journal.filter((line) => line === "returned")).toHaveLength(4);
  expect(journal.at(-3)).toBe("(crashed), 4 time(s) within minutes");
});

test("one that cannot be loaded is tried again until it can", async () => {
  const { keeper, journal, state, pass } = keptPage();
  await keeper.start();
  state.canLoad = false;
  keeper.died("crashed");
  await pass(3_000);
  expect(journal.filter((line) => line.includes("no such page")).length).toBeGreaterThan(1);
  state.canLoad = true;
  await pass(10_000);
  expect(journal.at(-1)).toBe("returned");
});

test("one that says nothing for some seconds is ended and loaded again; one that talks is left alone", async () => {
  const { keeper, journal, pass } = keptPage();
  await keeper.start();
  await pass(60_000);
  expect(journal).toEqual(["load"]);
  await pass(9_000, false);
  expect(journal).toEqual(["load", "kill", "(killed), 1 time(s) within minutes", "load", "returned"]);
});

test("one that has nothing to do may be silent for longer, until it is asked for something", async () => {
  const { keeper, journal, pass } = keptPage();
  await keeper.start();
  keeper.heard(false);
  await pass(80_000, false);
  expect(journal).toEqual(["load"]);
  keeper.asked();
  await pass(7_000, false);
  expect(journal).toEqual(["load"]);
  // To be asked more is no sign of life.
  keeper.asked();
  await pass(2_000, false);
  expect(journal.slice(0, 2)).toEqual(["load", "kill"]);
});

test("one that hangs while it has nothing to do is loaded again as well", async () => {
  const { keeper, journal, pass } = keptPage();
  await keeper.start();
  keeper.heard(false);
  await pass(95_000, false);
  expect(journal.slice(0, 2)).toEqual(["load", "kill"]);
});

test("one that hangs and has no process to end is loaded again as well", async () => {
  const { keeper, journal, state, pass } = keptPage();
  await keeper.start();
  state.dies = false;
  await pass(11_000, false);
  expect(journal).toEqual(["load", "kill", "(hangs), 1 time(s) within minutes", "load", "returned"]);
});

test("what a life that is over answers late is not taken for this one's", async () => {
  const { keeper, journal, pass } = keptPage();
  await keeper.start();
  keeper.died("crashed");
  await vi.advanceTimersByTimeAsync(0);
  keeper.died("crashed while loading");
  await pass(2_000);
  expect(journal.filter((line) => line === "load")).toHaveLength(3);
  expect(journal.at(-1)).toBe("returned");
});
