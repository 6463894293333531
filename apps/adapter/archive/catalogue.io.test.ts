import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { openDatabase } from "../store/database.ts";
import { MIGRATIONS } from "../store/migrations.ts";
import { InteractionCatalogue } from "./catalogue.ts";

function manifest(id: string, startedAt: string, change: Partial<Manifest> = {}): Manifest {
  return {
    format: "deskreel.interaction/1",
    interactionId: id,
    version: 1,
    startedAt,
    endedAt: startedAt,
    durationMs: 60_000,
    coverage: "recorded",
    call: { customer: "+14255550100", queue: "Billing" },
    agents: [{ agent: "ann@contoso.com", name: "Ann Agent" }],
    events: [{ at: startedAt, offsetMs: 0, type: "ringing", agent: "ann@contoso.com" }],
    audio: null,
    screens: [],
    files: [{ name: "screen-1.mp4", bytes: 5, sha256: "0".repeat(64) }],
    ...change,
  };
}

function filled(): InteractionCatalogue & Disposable {
  const database = openDatabase(":memory:");
  const catalogue = new InteractionCatalogue(database);
  catalogue.put(manifest("a", "2026-03-02T10:00:00.000Z"), "2026/03/02/a/v1");
  catalogue.put(
    manifest("b", "2026-03-02T11:00:00.000Z", {
      durationMs: 5_000,
      coverage: "partial",
      call: { customer: "+4930", queue: "Sales" },
      agents: [{ agent: "bob@contoso.com", name: "Bob Über" }],
    }),
    "2026/03/02/b/v1",
  );
  catalogue.put(manifest("c", "2026-03-02T11:00:00.000Z"), "2026/03/02/c/v1");
  return Object.assign(catalogue, { [Symbol.dispose]: () => database[Symbol.dispose]() });
}

test.each([
  ["everything, newest start first", {}, ["c", "b", "a"]],
  ["part of an agent's name, whatever its case", { q: "BOB" }, ["b"]],
  ["part of the customer's number", { q: "425555" }, ["c", "a"]],
  ["the whole agent", { agent: "Ann@contoso.com" }, ["c", "a"]],
  ["not a part of an agent", { agent: "ann" }, []],
  ["the queue", { queue: "Sales" }, ["b"]],
  ["the customer", { customer: "+4930" }, ["b"]],
  ["starts at or after", { from: Date.UTC(2026, 2, 2, 11) }, ["c", "b"]],
  ["starts before", { to: Date.UTC(2026, 2, 2, 11) }, ["a"]],
  ["lasts at least", { minDurationMs: 6_000 }, ["c", "a"]],
  ["coverage", { coverage: "partial" as const }, ["b"]],
  ["all conditions at once", { q: "ann", minDurationMs: 1, queue: "Sales" }, []],
  ["characters that mean something to SQL", { q: "%' OR 1=1" }, []],
])("lists by %s", (_title, query, ids) => {
  using catalogue = filled();
  expect(catalogue.list({ limit: 10, ...query }).items.map((item) => item.interactionId)).toEqual(ids);
});

test("pages follow each other without a repeat, also where two calls started at the same instant", () => {
  using catalogue = filled();
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = catalogue.list({ limit: 1, ...(cursor === null ? {} : { cursor }) });
    ids.push(...page.items.map((item) => item.interactionId));
    cursor = page.cursor;
  } while (cursor !== null);
  expect(ids).toEqual(["c", "b", "a"]);
  expect(() => catalogue.list({ limit: 1, cursor: "junk" })).toThrow(
    /not one that a list sorted by -startedAt has answered/,
  );
});

test("a newer version replaces the older one, an older one changes nothing", () => {
  using catalogue = filled();
  const second = manifest("a", "2026-03-02T10:00:00.000Z", { version: 2 });
  catalogue.put(second, "2026/03/02/a/v2");
  catalogue.put(manifest("a", "2026-03-02T10:00:00.000Z"), "2026/03/02/a/v1");
  expect(catalogue.get("A")).toEqual({ manifest: second, place: "2026/03/02/a/v2" });
});

test("only files of the manifest are found", () => {
  using catalogue = filled();
  expect(catalogue.fileOf("a", "screen-1.mp4")).toEqual({
    place: "2026/03/02/a/v1/screen-1.mp4",
    bytes: 5,
    sha256: "0".repeat(64),
  });
  expect(catalogue.fileOf("a", "../../etc/passwd")).toBeNull();
  expect(catalogue.fileOf("none", "screen-1.mp4")).toBeNull();
});

test("what is changed or taken out is found by its new words only", () => {
  using catalogue = filled();
  const ids = (query: object) =>
    catalogue.list({ limit: 10, ...query }).items.map((item) => item.interactionId);
  const cyd = [{ agent: "cyd@contoso.com", name: "Cyd Doe" }];
  catalogue.put(manifest("a", "2026-03-02T12:00:00.000Z", { version: 2, agents: cyd }), "2026/03/02/a/v2");
  expect([ids({ q: "ann agent" }), ids({ agent: "ann@contoso.com" })]).toEqual([["c"], ["c"]]);
  expect([ids({ q: "cyd doe" }), ids({ agent: "cyd@contoso.com" })]).toEqual([["a"], ["a"]]);
  catalogue.remove("a");
  expect([ids({ q: "cyd doe" }), ids({ agent: "cyd@contoso.com" }), ids({})]).toEqual([[], [], ["c", "b"]]);
});

test("a text is found whether few rows have its pieces or many", () => {
  using catalogue = filled();
  for (let index = 0; index < 2_100; index += 1) {
    catalogue.put(manifest(`n${index}`, "2026-03-02T09:00:00.000Z"), "2026/03/02/n");
  }
  expect(catalogue.list({ limit: 200, q: "bob@contoso" }).items).toHaveLength(1);
  const page = catalogue.list({ limit: 200, q: "ann@contoso" });
  expect(page.items.map((item) => item.interactionId).slice(0, 2)).toEqual(["c", "a"]);
  expect(page.items).toHaveLength(200);
  expect(catalogue.list({ limit: 200, q: "n2099" }).items.map((item) => item.interactionId)).toEqual([
    "n2099",
  ]);
});

test("a catalogue of before archives in buckets has its places made of what the jobs know", async () => {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, "adapter.db");
  using before = Object.assign(new Database(path), { [Symbol.dispose]: () => void before.close() });
  before.exec(MIGRATIONS.slice(0, 3).join("\n"));
  before.pragma("user_version = 3");
  const old = JSON.stringify(
    manifest("a", "2026-03-02T10:00:00.000Z", { version: 2, coverage: "not-recorded" }),
  );
  before
    .prepare(
      `INSERT INTO catalogue
       VALUES ('a', 2, 1, 1, 'not-recorded', '', '', '["ann"]', 'a ann', '/srv/calls/2026/03/02/a/v2', ?)`,
    )
    .run(old);
  before.exec(`INSERT INTO jobs VALUES ('a', 2, NULL, '2026/03/02/a', 0, 0, NULL)`);
  before.close();
  using database = openDatabase(path);
  const catalogue = new InteractionCatalogue(database);
  expect(catalogue.get("a")?.place).toBe("2026/03/02/a/v2");
  const everything = { from: 0, to: 2, limit: 9 };
  const { totals } = await catalogue.ledger(everything, new AbortController().signal);
  expect(totals).toMatchObject({
    notRecorded: 1,
    reasons: [{ reason: "no-audio" }, { reason: "no-screen" }],
  });
  // Its indexes go on.
  catalogue.put(
    manifest("a", "2026-03-02T10:00:00.000Z", { version: 3, call: { queue: "Claims" } }),
    "2026/03/02/a/v3",
  );
  expect(catalogue.list({ q: "claims", limit: 9 }).items.map(({ version }) => version)).toEqual([3]);
});
