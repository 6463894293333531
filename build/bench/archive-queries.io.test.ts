import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { InteractionCatalogue } from "../../apps/adapter/archive/catalogue.ts";
import { readToCount, SOME } from "../../apps/adapter/archive/find/leads.ts";
import { listSql } from "../../apps/adapter/archive/find/list.ts";
import type { InteractionQuery } from "../../apps/adapter/archive/find/query.ts";
import { lookupsOf, valuesOf } from "../../apps/adapter/archive/find/search-values.ts";
import { interactionQuerySchema } from "../../apps/adapter/replay/interaction-query.ts";
import { type AdapterDatabase, openDatabase } from "../../apps/adapter/store/database.ts";
import { archiveQueries } from "./archive-queries.ts";
import { fillArchive } from "./fill-archive.ts";

/** More than are sorted, so that both ways to read are tried. */
const INTERACTIONS = 5_000;
let folder: string;
let database: AdapterDatabase;
let samples: Manifest[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-archive-"));
  const path = join(folder, "adapter.db");
  samples = fillArchive(path, INTERACTIONS, Date.now(), () => {});
  database = openDatabase(path);
}, 120_000);

afterAll(async () => {
  database[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

/** What the catalogue has, with what conditions are judged by. */
interface Judged {
  manifest: Manifest;
  at: number;
  search: string;
  attributes: Record<string, string>;
  agents: Set<string>;
}

function readAll(): Judged[] {
  return database
    .prepare<[], string>("SELECT manifest FROM catalogue")
    .pluck()
    .all()
    .map((text) => {
      const manifest = JSON.parse(text) as Manifest;
      const attributes = { ...manifest.call, ...manifest.attributes };
      const names = manifest.agents.flatMap(({ agent, name }) => [agent, name]);
      return {
        ...{ manifest, attributes, at: Date.parse(manifest.startedAt) },
        agents: new Set(manifest.agents.map(({ agent }) => agent)),
        search: [manifest.interactionId, ...names, ...Object.values(attributes)].join("\n").toLowerCase(),
      };
    });
}

/** Each condition judged by itself. */
function isWanted(
  { manifest, at, search, attributes, agents }: Judged,
  query: Omit<InteractionQuery, "limit">,
): boolean {
  const { q, agent, anyAgent, customer, queue, direction, from, to, minDurationMs, coverage } = query;
  return (
    (q === undefined || search.includes(q.toLowerCase())) &&
    (agent === undefined || agents.has(agent)) &&
    (anyAgent === undefined || anyAgent.some((one) => agents.has(one))) &&
    (customer === undefined || attributes["customer"] === customer) &&
    (queue === undefined || attributes["queue"] === queue) &&
    (direction === undefined || attributes["direction"] === direction) &&
    (query.attributes ?? []).every(({ name, value }) => attributes[name] === value) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    manifest.durationMs >= (minDurationMs ?? 0) &&
    (coverage === undefined || manifest.coverage === coverage)
  );
}

const readQuery = (query: Record<string, string>): InteractionQuery => interactionQuerySchema.parse(query);

function inOrder(judged: readonly Judged[], sort: InteractionQuery["sort"] = "-startedAt"): Manifest[] {
  const keyOf = ({ at, manifest }: Judged) => (sort.endsWith("durationMs") ? manifest.durationMs : at);
  const up = judged
    .toSorted(
      (left, right) =>
        keyOf(left) - keyOf(right) || (left.manifest.interactionId < right.manifest.interactionId ? -1 : 1),
    )
    .map(({ manifest }) => manifest);
  return sort.startsWith("-") ? up.reverse() : up;
}

/** A small team, a large one, and one of somebody who never called. */
const TEAMS = [
  Array.from({ length: 25 }, (_, index) => `agent${index * 7}@contoso.com`),
  Array.from({ length: 100 }, (_, index) => `agent${index}@contoso.com`),
  ["agent3@contoso.com", "nobody@contoso.com"],
  [],
];

test("every query of the benchmark finds what it should, in its order, also what a team may see of it", () => {
  const catalogue = new InteractionCatalogue(database);
  const all = readAll();
  expect(all).toHaveLength(INTERACTIONS);
  for (const anyAgent of [undefined, ...TEAMS]) {
    const restriction = anyAgent === undefined ? {} : { anyAgent };
    for (const [what, make] of Object.entries(archiveQueries(samples))) {
      const { cursor: _cursor, ...query } = { ...readQuery(make()), ...restriction };
      const wanted = inOrder(
        all.filter((one) => isWanted(one, query)),
        query.sort,
      );
      const name = `${what}, of ${anyAgent?.length ?? "all"}`;
      const first = catalogue.list(query);
      const next = first.cursor === null ? { items: [] } : catalogue.list({ ...query, cursor: first.cursor });
      const found = [...first.items, ...next.items].map(({ interactionId }) => interactionId);
      expect([name, found]).toEqual([
        name,
        wanted.slice(0, 2 * query.limit).map(({ interactionId }) => interactionId),
      ]);
    }
  }
});

test("the counts by time are those of the list", async () => {
  const catalogue = new InteractionCatalogue(database);
  const all = readAll();
  const { signal } = new AbortController();
  const ways = new Set<string>();
  for (const anyAgent of [undefined, TEAMS[0]]) {
    for (const [what, make] of Object.entries(archiveQueries(samples))) {
      const { cursor: _cursor, limit: _limit, sort: _sort, ...filter } = readQuery(make());
      const query = anyAgent === undefined ? filter : { ...filter, anyAgent };
      ways.add(readToCount(query, lookupsOf(database, query)).by);
      const { buckets, bucketMs, from } = await catalogue.countByTime(query, 6 * 3_600_000, signal);
      const wanted = new Map<number, number>();
      for (const { at } of all.filter((one) => isWanted(one, query))) {
        const bucketAt = from + Math.floor((at - from) / bucketMs) * bucketMs;
        wanted.set(bucketAt, (wanted.get(bucketAt) ?? 0) + 1);
      }
      const name = `${what}, of ${anyAgent?.length ?? "all"}`;
      expect([name, buckets.map(({ at, count }) => [at, count])]).toEqual([
        name,
        [...wanted].sort(([left], [right]) => left - right),
      ]);
    }
  }
  expect([...ways].sort()).toEqual(["found", "once", "place", "time"]);
});

test("counting ends when nobody waits for it any more", async () => {
  const catalogue = new InteractionCatalogue(database);
  await expect(catalogue.countByTime({}, 3_600_000, AbortSignal.abort(new Error("gone")))).rejects.toThrow(
    "gone",
  );
});

test("what there is to choose from is what the interactions have", () => {
  const catalogue = new InteractionCatalogue(database);
  const queues = new Set(readAll().map(({ attributes }) => attributes["queue"] ?? ""));
  expect(catalogue.facets({ field: "queue" }).map(({ value }) => value)).toEqual([...queues].sort());
  expect(catalogue.facets({ field: "direction" }).map(({ value }) => value)).toEqual(["inbound", "outbound"]);
  expect(catalogue.facets({ field: "agent" })).toHaveLength(50);
  const some = catalogue.facets({ field: "agent", q: "NUMBER 49" });
  expect(some.map(({ label }) => label)).toContain("Agent Number 49");
  expect(some.every(({ label }) => label.startsWith("Agent Number 49"))).toBe(true);
  const anyAgent = ["agent3@contoso.com", "nobody@contoso.com"];
  expect(catalogue.facets({ field: "agent", anyAgent })).toEqual([
    { value: "agent3@contoso.com", label: "Agent Number 3" },
  ]);
  const theirs = new Set(
    readAll()
      .filter(({ agents }) => anyAgent.some((one) => agents.has(one)))
      .map(({ attributes }) => attributes["queue"] ?? ""),
  );
  expect(catalogue.facets({ field: "queue", anyAgent }).map(({ value }) => value)).toEqual(
    [...theirs].sort(),
  );
});

test("no query of the benchmark reads the catalogue from end to end, or sorts more than a few rows", () => {
  for (const [what, make] of Object.entries(archiveQueries(samples))) {
    const query = readQuery(make());
    // As if there were very many rows of everything but what few have.
    const lookups = {
      ...lookupsOf(database, query),
      count: (_t: string, _c: string, most: number) => most + 1,
    };
    const { sort = "-startedAt" } = query;
    const { sql, lead, found } = listSql(query, sort, query.cursor !== undefined, lookups);
    const plan = database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all({ ...valuesOf(query), afterKey: 0, afterId: "", limit: 51, found: "[]" })
      .map(({ detail }) => detail);
    const isSorted = plan.some((step) => step.includes("TEMP B-TREE FOR ORDER BY"));
    expect([what, plan, isSorted]).toEqual([what, plan, lead.few]);
    // Either few rows by their number, or an index in the list's order, in which conditions are judged.
    expect(plan[0]).toMatch(
      lead.few
        ? /^SEARCH c USING INTEGER PRIMARY KEY \(rowid=\?\)/
        : /^(SCAN|SEARCH) (c USING (COVERING )?INDEX catalogue_by_(time|customer|queue|coverage|direction|duration)|a USING PRIMARY KEY)\b/,
    );
    expect([what, found.length <= SOME]).toEqual([what, true]);
    expect([what, plan.slice(1).filter((step) => /^SCAN (?!json_each)/.test(step))]).toEqual([what, []]);
  }
});
