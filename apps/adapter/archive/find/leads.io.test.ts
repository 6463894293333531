import { expect, test } from "vitest";
import { openDatabase } from "../../store/database.ts";
import { RARE, SOME } from "./leads.ts";
import { listSql } from "./list.ts";
import type { InteractionQuery } from "./query.ts";
import { valuesOf } from "./search-values.ts";
import { matchText } from "./text-lookup.ts";

/** What SQLite does for a list of which a condition finds so many rows, a step each. */
function planOf(query: Partial<InteractionQuery>, found: number, isContinued = false): string[] {
  using database = openDatabase(":memory:");
  const lookups = {
    ...{ shareOf: () => 1, expand: () => ["abc"], count: () => found },
    find: () => Array.from({ length: found }, (_, index) => index),
  };
  const { sql } = listSql({ limit: 50, ...query }, query.sort ?? "-startedAt", isContinued, lookups);
  const values = { ...valuesOf(query), found: "[]", afterKey: 0, afterId: "", limit: 51 };
  return database
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(values)
    .map(({ detail }) => detail);
}

const BY_TIME = /^(SCAN|SEARCH) c USING (COVERING )?INDEX catalogue_by_time\b/;

test.each<[string, Partial<InteractionQuery>, RegExp]>([
  ["nothing", {}, BY_TIME],
  [
    "a time",
    { from: 1, to: 2 },
    /^SEARCH c USING COVERING INDEX catalogue_by_time \(started_at>\? AND started_at<\?\)/,
  ],
  ["a customer", { customer: "x" }, /^SEARCH c USING COVERING INDEX catalogue_by_customer \(customer=\?/],
  ["a queue", { queue: "x" }, /^SEARCH c USING COVERING INDEX catalogue_by_queue \(queue=\?/],
  [
    "a coverage",
    { coverage: "partial" },
    /^SEARCH c USING COVERING INDEX catalogue_by_coverage \(coverage=\?/,
  ],
  ["an agent", { agent: "x" }, /^SEARCH a USING PRIMARY KEY \(agent=\?/],
  ["an agent and a queue", { agent: "x", queue: "y" }, /^SEARCH a USING PRIMARY KEY \(agent=\?/],
  ["a common text", { q: "abc" }, BY_TIME],
  ["a common text at an agent", { q: "abc", agent: "x" }, /^SEARCH a USING PRIMARY KEY \(agent=\?/],
  ["a common length", { minDurationMs: 5 }, BY_TIME],
])("a list by %s is read in its order from an index, the first page and the next", (_title, query, lead) => {
  for (const isContinued of [false, true]) {
    const plan = planOf(query, SOME + 1, isContinued);
    expect(plan[0]).toMatch(lead);
    expect(plan.filter((step) => /TEMP B-TREE/.test(step))).toEqual([]);
    expect(plan.slice(1).filter((step) => step.startsWith("SCAN c"))).toEqual([]);
  }
});

test.each<[string, Partial<InteractionQuery>, RegExp]>([
  ["a rare text", { q: "abc" }, /^SEARCH c USING INTEGER PRIMARY KEY \(rowid=\?\)$/],
  ["a rare text at an agent", { q: "abc", agent: "x" }, /^SEARCH c USING INTEGER PRIMARY KEY \(rowid=\?\)$/],
  [
    "a rare length",
    { minDurationMs: 5 },
    /^SEARCH c USING COVERING INDEX catalogue_by_duration \(duration_ms>\?\)$/,
  ],
])("a list by %s looks at the few rows that have it, and sorts them", (_title, query, lead) => {
  const plan = planOf(query, RARE);
  expect(plan[0]).toMatch(lead);
  expect(plan.at(-1)).toBe("USE TEMP B-TREE FOR ORDER BY");
});

test.each([
  ["ab", null],
  ["abc", '"abc"'],
  ["abcd", '"abc" AND "bcd"'],
  ["agent 007", '"007" AND " 00"'],
  ['a"b', '"a""b"'],
  ["über", '"übe" AND "ber"'],
])("the text %j is looked for by its rarest pieces: %s", (text, match) => {
  const shares: Record<string, number> = { "007": 0.01, " 00": 0.02, "t 0": 0.03 };
  expect(matchText(text, (gram) => shares[gram] ?? 1)).toBe(match);
});
