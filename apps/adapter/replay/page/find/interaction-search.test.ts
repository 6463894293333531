import { expect, test } from "vitest";
import type { InteractionPage, InteractionSummary } from "../../../archive/find/query.ts";
import { InteractionSearch } from "./interaction-search.ts";

function call(id: string, second = 0): InteractionSummary {
  const startedAt = `2026-03-02T10:00:${String(second).padStart(2, "0")}.000Z`;
  return {
    ...{
      format: "deskreel.interaction/1",
      interactionId: id,
      version: 1,
      durationMs: 0,
      coverage: "recorded",
    },
    ...{ startedAt, endedAt: startedAt, call: {}, agents: [] },
    ...{ audio: null, screens: [], life: [], poster: null },
  };
}

/** A search whose answers are given by hand, in any order. */
function openSearch() {
  const asked: {
    query: URLSearchParams;
    signal: AbortSignal;
    answer: (page: InteractionPage) => void;
    fail: (why: Error) => void;
  }[] = [];
  const search = new InteractionSearch((query, signal) => {
    const { promise, resolve: answer, reject: fail } = Promise.withResolvers<InteractionPage>();
    asked.push({ query, signal, answer, fail });
    return promise;
  });
  const idsOf = () => search.found.value.items.map(({ interactionId }) => interactionId);
  return { search, asked, idsOf };
}

test("a new query ends the one before, whose late answer is not shown", async () => {
  const { search, asked, idsOf } = openSearch();
  const first = search.find(new URLSearchParams("q=a"));
  const second = search.find(new URLSearchParams("q=ab"));
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  asked[1]?.answer({ items: [call("ab")], cursor: null });
  asked[0]?.answer({ items: [call("a")], cursor: null });
  await Promise.all([first, second]);
  expect([idsOf(), search.phase.value]).toEqual([["ab"], "ready"]);
});

test("further pages come one after the other, until there is none", async () => {
  const { search, asked, idsOf } = openSearch();
  const found = search.find(new URLSearchParams("queue=Billing"));
  asked[0]?.answer({ items: [call("1")], cursor: "after-1" });
  await found;
  const more = search.loadMore();
  await search.loadMore();
  expect(asked).toHaveLength(2);
  expect(asked[1]?.query.toString()).toBe("queue=Billing&cursor=after-1&limit=200");
  asked[1]?.answer({ items: [call("2")], cursor: null });
  await more;
  await search.loadMore();
  expect([idsOf(), asked.length, search.isLoadingMore.value]).toEqual([["1", "2"], 2, false]);
});

test("a page of the old query does not come behind the new one's", async () => {
  const { search, asked, idsOf } = openSearch();
  const first = search.find(new URLSearchParams());
  asked[0]?.answer({ items: [call("1")], cursor: "after-1" });
  await first;
  const more = search.loadMore();
  const second = search.find(new URLSearchParams("q=2"));
  asked[2]?.answer({ items: [call("2")], cursor: "after-2" });
  asked[1]?.answer({ items: [call("old")], cursor: null });
  await Promise.all([more, second]);
  expect([idsOf(), search.found.value.cursor, search.isLoadingMore.value]).toEqual([["2"], "after-2", false]);
});

test("a failure is said, keeps what is there, and the next answer ends it", async () => {
  const { search, asked, idsOf } = openSearch();
  const first = search.find(new URLSearchParams());
  asked[0]?.answer({ items: [call("1")], cursor: null });
  await first;
  const refreshed = search.refresh();
  asked[1]?.fail(new Error("Deskreel does not answer."));
  await refreshed;
  expect([idsOf(), search.problem.value]).toEqual([["1"], "Deskreel does not answer."]);
  const again = search.refresh();
  asked[2]?.answer({ items: [call("1"), call("0")], cursor: null });
  await again;
  expect([idsOf(), search.problem.value]).toEqual([["1", "0"], ""]);
});

test("only a list of the newest first is brought up to date", async () => {
  const { search, asked } = openSearch();
  const found = search.find(new URLSearchParams("sort=durationMs"));
  asked[0]?.answer({ items: [call("1")], cursor: null });
  await found;
  await search.refresh();
  expect(asked).toHaveLength(1);
});

test("what is tried again after a failed query does not come into the list of the one before", async () => {
  const { search, asked, idsOf } = openSearch();
  const first = search.find(new URLSearchParams());
  asked[0]?.answer({ items: [call("ann", 3), call("old", 1)], cursor: "after-old" });
  await first;
  const second = search.find(new URLSearchParams("q=bob"));
  asked[1]?.fail(new Error("Deskreel does not answer."));
  await second;
  expect([idsOf(), search.phase.value]).toEqual([["ann", "old"], "loading"]);
  const again = search.refresh();
  expect(asked[2]?.query.toString()).toBe("q=bob&limit=50");
  asked[2]?.answer({ items: [call("bob", 2)], cursor: "after-bob" });
  await again;
  expect([idsOf(), search.found.value.cursor]).toEqual([["bob"], "after-bob"]);
  expect([search.answered.value, search.phase.value, search.problem.value]).toEqual([2, "ready", ""]);
});

test("a failed query in another order is tried again too, but one that is on its way is not asked twice", async () => {
  const { search, asked, idsOf } = openSearch();
  const found = search.find(new URLSearchParams("sort=durationMs"));
  await search.refresh();
  expect(asked).toHaveLength(1);
  asked[0]?.fail(new Error("Deskreel does not answer."));
  await found;
  const again = search.refresh();
  asked[1]?.answer({ items: [call("1")], cursor: "after-1" });
  await again;
  const more = search.loadMore();
  asked[2]?.fail(new Error("Deskreel does not answer."));
  await more;
  const tried = search.refresh();
  expect(asked[3]?.query.toString()).toBe("sort=durationMs&cursor=after-1&limit=200");
  asked[3]?.answer({ items: [call("2")], cursor: null });
  await tried;
  expect([idsOf(), search.problem.value]).toEqual([["1", "2"], ""]);
});

test("more new calls than a page has are fetched until they reach the list", async () => {
  const { search, asked, idsOf } = openSearch();
  const found = search.find(new URLSearchParams());
  asked[0]?.answer({ items: [call("1", 1)], cursor: "after-1" });
  await found;
  const refreshed = search.refresh();
  asked[1]?.answer({ items: [call("9", 9), call("8", 8)], cursor: "after-8" });
  await expect.poll(() => asked.length).toBe(3);
  expect(asked[2]?.query.toString()).toBe("cursor=after-8&limit=200");
  asked[2]?.answer({ items: [call("5", 5), call("1", 1)], cursor: "after-1" });
  await refreshed;
  expect([idsOf(), search.answered.value]).toEqual([["9", "8", "5", "1"], 1]);
});

test("of very many new calls the list begins anew", async () => {
  const { search, asked, idsOf } = openSearch();
  const found = search.find(new URLSearchParams());
  asked[0]?.answer({ items: [call("1", 1)], cursor: "after-1" });
  await found;
  const refreshed = search.refresh();
  const newer = Array.from({ length: 6 }, (_, page) => String(9 - page));
  for (const [page, id] of newer.entries()) {
    await expect.poll(() => asked.length).toBe(page + 2);
    asked[page + 1]?.answer({ items: [call(id, Number(id))], cursor: `after-${id}` });
  }
  await refreshed;
  expect([idsOf(), search.found.value.cursor, search.answered.value]).toEqual([newer, "after-4", 2]);
});
