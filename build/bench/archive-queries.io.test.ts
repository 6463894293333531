import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { InteractionCatalogue, lookupsOf } from "../../apps/adapter/archive/catalogue.ts";
import { listSql } from "../../apps/adapter/archive/catalogue-sql.ts";
import { interactionQuerySchema } from "../../apps/adapter/replay/interaction-query.ts";
import { type AdapterDatabase, openDatabase } from "../../apps/adapter/store/database.ts";
import { archiveQueries } from "./archive-queries.ts";
import { fillArchive } from "./fill-archive.ts";

const INTERACTIONS = 20_000;
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

/** Each condition judged by itself, on what the catalogue has. */
function isWanted(manifest: Manifest, query: ReturnType<typeof readQuery>): boolean {
  const { q, agent, customer, queue, from, to, minDurationMs, coverage } = query;
  const at = Date.parse(manifest.startedAt);
  const texts = [manifest.interactionId, ...manifest.agents.flatMap((one) => [one.agent, one.name])];
  const search = [...texts, ...Object.values(manifest.call)].join("\n").toLowerCase();
  return (
    (q === undefined || search.includes(q.toLowerCase())) &&
    (agent === undefined || manifest.agents.some((one) => one.agent === agent)) &&
    (customer === undefined || manifest.call["customer"] === customer) &&
    (queue === undefined || manifest.call["queue"] === queue) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    manifest.durationMs >= (minDurationMs ?? 0) &&
    (coverage === undefined || manifest.coverage === coverage)
  );
}

const readQuery = (query: Record<string, string>) => interactionQuerySchema.parse(query);

test("every query of the benchmark finds what it should, newest first", () => {
  const catalogue = new InteractionCatalogue(database);
  const all = database
    .prepare<[], string>("SELECT manifest FROM catalogue ORDER BY started_at DESC, interaction_id DESC")
    .pluck()
    .all()
    .map((text) => JSON.parse(text) as Manifest);
  expect(all).toHaveLength(INTERACTIONS);
  for (const [what, make] of Object.entries(archiveQueries(samples))) {
    const { cursor: _cursor, ...query } = readQuery(make());
    const wanted = all.filter((manifest) => isWanted(manifest, query)).slice(0, query.limit);
    const found = catalogue.list(query).items.map(({ interactionId }) => interactionId);
    expect([what, found]).toEqual([what, wanted.map(({ interactionId }) => interactionId)]);
  }
});

test("no query of the benchmark reads the catalogue from end to end, or sorts more than a few rows", () => {
  const lookups = lookupsOf(database);
  for (const [what, make] of Object.entries(archiveQueries(samples))) {
    const query = readQuery(make());
    const { sql, found } = listSql(query, query.cursor !== undefined, lookups);
    const values = { q: "", agent: "", customer: "", queue: "", coverage: "", afterId: "" };
    const plan = database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all({ ...values, from: 0, to: 0, minDurationMs: 0, afterAt: 0, limit: 51, found: "[]" })
      .map(({ detail }) => detail);
    // In the order of the list, so that it ends with the page; conditions are judged in the index.
    const isInOrder =
      /^(SCAN|SEARCH) (c USING INDEX catalogue_by_(time|customer|queue|coverage)|a USING PRIMARY KEY)\b/;
    const isOfFew =
      /^SEARCH c USING (INTEGER PRIMARY KEY \(rowid=\?\)|INDEX catalogue_by_duration \(duration_ms>\?\))/;
    const isSorted = plan.some((step) => step.includes("TEMP B-TREE FOR ORDER BY"));
    const lead = plan[0] ?? "";
    expect([what, plan, isSorted ? isOfFew.test(lead) : isInOrder.test(lead)]).toEqual([what, plan, true]);
    expect([what, found.length <= 20_000]).toEqual([what, true]);
    expect([what, plan.slice(1).filter((step) => /^SCAN (?!json_each)/.test(step))]).toEqual([what, []]);
  }
});
