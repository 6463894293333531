import { expect, test } from "vitest";
import type { InteractionPage, InteractionSummary } from "../../../archive/find/query.ts";
import { InteractionSearch } from "./interaction-search.ts";

function call(id: string): InteractionSummary {
  return {
    ...{
      format: "deskreel.interaction/1",
      interactionId: id,
      version: 1,
      durationMs: 0,
      coverage: "recorded",
    },
    ...{ startedAt: "2026-03-02T10:00:00.000Z", endedAt: "2026-03-02T10:00:00.000Z", call: {}, agents: [] },
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
