import { expect, test } from "vitest";
import type { InteractionSummary } from "../../../archive/find/query.ts";
import { appendPage, mergeFirstPage, touches } from "./merge.ts";

function call(minute: number, version = 1): InteractionSummary {
  return {
    format: "deskreel.interaction/1",
    interactionId: `call-${minute}`,
    version,
    startedAt: `2026-03-02T10:${minute}:00.000Z`,
    endedAt: `2026-03-02T10:${minute}:30.000Z`,
    durationMs: 30_000,
    coverage: "recorded",
    call: {},
    agents: [],
    audio: null,
    screens: [],
  };
}

test("a new call comes in at the top and what was loaded below stays", () => {
  const shown = { items: [call(50), call(40), call(30), call(20)], cursor: "after-20" };
  expect(mergeFirstPage(shown, { items: [call(55), call(50)], cursor: "after-50" })).toEqual({
    items: [call(55), call(50), call(40), call(30), call(20)],
    cursor: "after-20",
  });
});

test("a newer version takes the old one's place", () => {
  const shown = { items: [call(50), call(40)], cursor: "after-40" };
  expect(mergeFirstPage(shown, { items: [call(50, 2)], cursor: "after-50" }).items).toEqual([
    call(50, 2),
    call(40),
  ]);
});

test("a first page without a next one is the whole list", () => {
  const shown = { items: [call(50), call(40)], cursor: "after-40" };
  expect(mergeFirstPage(shown, { items: [call(50)], cursor: null })).toEqual({
    items: [call(50)],
    cursor: null,
  });
});

test("as long as only the first page was loaded, its cursor goes along", () => {
  const shown = { items: [], cursor: null };
  const fresh = { items: [call(50)], cursor: "after-50" };
  expect(mergeFirstPage(shown, fresh)).toEqual(fresh);
});

test("the next page is added without repeating a call", () => {
  const shown = { items: [call(50), call(40)], cursor: "after-40" };
  expect(appendPage(shown, { items: [call(40), call(30)], cursor: null })).toEqual({
    items: [call(50), call(40), call(30)],
    cursor: null,
  });
});

test("pages that do not reach down to the list begin it anew, so that no call is missing between the two", () => {
  const shown = { items: [call(20), call(10)], cursor: "after-10" };
  const fresh = { items: [call(50), call(40)], cursor: "after-40" };
  expect([touches(fresh, shown), mergeFirstPage(shown, fresh)]).toEqual([false, fresh]);
  const further = { items: [call(50), call(40), call(20)], cursor: "after-20" };
  expect([touches(further, shown), mergeFirstPage(shown, further).items]).toEqual([
    true,
    [call(50), call(40), call(20), call(10)],
  ]);
});
