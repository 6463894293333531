import { expect, test } from "vitest";
import type { Histogram, InteractionPage, InteractionSummary } from "../../../archive/find/query.ts";
import { FindState } from "./find-state.ts";
import { NO_FILTERS } from "./filters.ts";

const page = (...ids: string[]): InteractionPage => ({
  items: ids.map((interactionId) => ({ interactionId, startedAt: "" }) as InteractionSummary),
  cursor: null,
});
const counts = (count: number): Histogram => ({ bucketMs: 1, from: 0, to: 1, buckets: [{ at: 0, count }] });

/** A state whose lists are answered at once, and whose counts by hand. */
function openState() {
  let listed = page("1");
  const asked: { query: string; signal: AbortSignal; answer: (histogram: Histogram) => void }[] = [];
  const state = new FindState(
    async () => listed,
    (query, signal) => {
      const { promise, resolve: answer } = Promise.withResolvers<Histogram>();
      asked.push({ query: query.get("q") ?? "", signal, answer });
      return promise;
    },
  );
  const seen = () => [state.histogram.value?.buckets[0]?.count, state.isCounting.value, state.found.value];
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return { state, asked, seen, settle, list: (...ids: string[]) => (listed = page(...ids)) };
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
