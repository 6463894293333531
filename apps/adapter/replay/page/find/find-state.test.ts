import { expect, test } from "vitest";
import type { Histogram, InteractionPage, InteractionSummary } from "../../../archive/find/query.ts";
import { FindState } from "./find-state.ts";
import { type Filters, NO_FILTERS } from "./filters.ts";

const page = (...ids: string[]): InteractionPage => ({
  items: ids.map((interactionId) => ({ interactionId, startedAt: "" }) as InteractionSummary),
  cursor: null,
});
const counts = (count: number): Histogram => ({ bucketMs: 1, from: 0, to: 1, buckets: [{ at: 0, count }] });

/** A state whose lists are answered at once, and whose counts by hand. */
function openState() {
  let listed = page("1");
  const server = { isAway: false, now: new Date(2026, 2, 2, 23, 59, 59).getTime() };
  const lists: URLSearchParams[] = [];
  const asked: {
    query: string;
    signal: AbortSignal;
    answer: (histogram: Histogram) => void;
    fail: () => void;
  }[] = [];
  const state = new FindState(
    async (query) => {
      lists.push(query);
      if (server.isAway) throw new Error("away");
      return listed;
    },
    (query, signal) => {
      const { promise, resolve: answer, reject } = Promise.withResolvers<Histogram>();
      asked.push({ query: query.get("q") ?? "", signal, answer, fail: () => reject(new Error("away")) });
      return promise;
    },
    () => server.now,
  );
  const seen = () => [state.histogram.value?.buckets[0]?.count, state.isCounting.value, state.found.value];
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return { state, server, lists, asked, seen, settle, list: (...ids: string[]) => (listed = page(...ids)) };
}

test("the strip is another search's until this one's is there, and only the newest is asked for", async () => {
  const { state, asked, seen, settle } = openState();
  state.show(NO_FILTERS);
  await settle();
  asked[0]?.answer(counts(10));
  await settle();
  expect(seen()).toEqual([10, false, 10]);
  state.show({ ...NO_FILTERS, q: "a" });
  state.show({ ...NO_FILTERS, q: "ab" });
  expect(seen()).toEqual([10, true, 10]);
  await settle();
  expect(asked.map(({ query }) => query)).toEqual(["", "ab"]);
  asked[1]?.answer(counts(3));
  await settle();
  expect(seen()).toEqual([3, false, 3]);
});

test("counts that take long are not begun anew whenever a call comes in, but once when they are there", async () => {
  const { state, asked, seen, settle, list } = openState();
  state.show(NO_FILTERS);
  await settle();
  list("2", "1");
  await state.refresh(NO_FILTERS);
  list("3", "2", "1");
  await state.refresh(NO_FILTERS);
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false]);
  asked[0]?.answer(counts(1));
  await settle();
  await state.refresh(NO_FILTERS);
  expect(asked).toHaveLength(2);
  asked[1]?.answer(counts(3));
  await settle();
  await state.refresh(NO_FILTERS);
  // What is told to who does not see it is what was found when it was asked for.
  expect([seen(), asked.length]).toEqual([[3, false, 1], 2]);
});

const narrowed = (change: Partial<Filters>): Filters => ({ ...NO_FILTERS, ...change });

test("the strip comes back with the server, and with what was asked for while it was away", async () => {
  const { state, server, asked, seen, settle } = openState();
  state.show(NO_FILTERS);
  await settle();
  asked[0]?.answer(counts(8));
  await settle();
  server.isAway = true;
  const bob = narrowed({ q: "bob" });
  state.show(bob);
  await settle();
  expect([state.search.problem.value, asked.length]).toEqual(["away", 1]);
  // Its newest call is the one that was the newest before.
  server.isAway = false;
  await state.refresh(bob);
  asked[1]?.fail();
  await settle();
  expect(seen()).toEqual([undefined, false, 8]);
  await state.refresh(bob);
  expect(asked[2]?.query).toBe("bob");
  asked[2]?.answer(counts(2));
  await settle();
  expect(seen()).toEqual([2, false, 2]);
});

test("counts of another search that are there when it ends are not shown", async () => {
  const { state, asked, seen, settle } = openState();
  state.show(NO_FILTERS);
  await settle();
  asked[0]?.answer(counts(8));
  state.show(narrowed({ q: "bob" }));
  await settle();
  expect(seen()).toEqual([undefined, true, null]);
  asked[1]?.answer(counts(2));
  await settle();
  expect(seen()).toEqual([2, false, 2]);
});

test("a list of today is one of the new day after midnight", async () => {
  const { state, server, lists, settle } = openState();
  const today = narrowed({ period: "today" });
  state.show(today);
  await settle();
  await state.refresh(today);
  server.now += 2_000;
  await state.refresh(today);
  expect(lists.map((query) => query.get("from"))).toEqual(
    [2, 2, 3].map((day) => new Date(2026, 2, day).toISOString()),
  );
});
