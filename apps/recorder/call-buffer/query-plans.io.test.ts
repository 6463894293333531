/** No statement may read the more the more recordings there are: what SQLite does is told by its query plan. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RECORDING_PHASES } from "#shared/api/recording.ts";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { openCallBuffer } from "./call-buffer.ts";

/** Tables that grow with every call, for as long as a recorder is used. */
const GROWING = [
  "events",
  "recordings",
  "recording_events",
  "decisions",
  "tracks",
  "segments",
  "outages",
  "strays",
  "pauses",
  "webhook_posts",
  "dynamics_rows",
];

/** Indexes that hold only what is under way, waits or is to be done. */
const SMALL = [
  "recordings_open",
  "recordings_unfinished",
  "recordings_guarded",
  "recordings_to_erase",
  "recordings_to_hand_off",
  "recordings_to_ask",
  "recordings_refused",
  "recordings_unjudged",
  "recordings_long",
  "segments_faulty",
  "strays_long",
  "pauses_open",
  "webhook_posts_waiting",
];

let folder: string;
let catalogue: Database.Database;
const statements = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-plans-"));
  const prepare = Reflect.get(Database.prototype, "prepare") as (sql: string) => unknown;
  Database.prototype.prepare = function collect(this: Database.Database, sql: string) {
    statements.add(sql);
    return prepare.call(this, sql);
  } as Database.Database["prepare"];
  try {
    using buffer = await openCallBuffer(folder);
    const position = { startedAt: 1, id: "x" };
    for (const agent of [undefined, "ann"])
      for (const callSessionId of [undefined, "s1"])
        for (const at of [null, position]) {
          for (const phase of [undefined, ...RECORDING_PHASES])
            buffer.recordings.list({ agent, callSessionId, phase }, 50, at);
          for (const word of [undefined, ...COVERAGE_WORDS])
            for (const from of [undefined, 0])
              for (const to of [undefined, 1])
                buffer.ledger.list({ agent, callSessionId, word, from, to }, 50, at);
        }
  } finally {
    Database.prototype.prepare = prepare as Database.Database["prepare"];
  }
  catalogue = new Database(join(folder, "catalog.db"));
});
afterAll(async () => {
  catalogue.close();
  await rm(folder, { recursive: true });
});

/** What of a statement's plan reads a growing table as a whole, or sorts what it has read of one. */
function faults(sql: string): string[] {
  return planOf(sql).filter((detail) => isFault(detail, sql));
}

function planOf(sql: string): string[] {
  const plan = catalogue.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const named = [...sql.matchAll(/@(\w+)/g)].map((match) => [match[1] ?? "", null]);
  const values = named.length > 0 ? [Object.fromEntries(named)] : (sql.match(/\?/g) ?? []).map(() => null);
  return plan.all(...values).map(({ detail }) => detail);
}

function isFault(detail: string, sql: string): boolean {
  const [, table = "", index] = /^SCAN (\w+)(?:.* INDEX (\w+))?/.exec(detail) ?? [];
  if (!GROWING.includes(table)) return false;
  if (index === undefined) return true;
  // In an index's own order only as much is read as is asked for.
  const isLimited = /ORDER BY \S+ DESC, id DESC LIMIT/.test(sql);
  return !SMALL.includes(index) && !isLimited;
}

test("no statement that is always at hand reads a growing table from end to end", () => {
  const found = [...statements].filter((sql) => /^\s*(SELECT|UPDATE|DELETE|INSERT|WITH)/i.test(sql));
  expect(found.length).toBeGreaterThan(60);
  expect(found.flatMap((sql) => faults(sql).map((detail) => `${detail}: ${sql}`))).toEqual([]);
});

test("lists come in the order of an index: nothing is sorted but what one call session has", () => {
  const lists = [...statements].filter((sql) => /ORDER BY \S+ DESC, id DESC LIMIT/.test(sql));
  const sorted = lists.filter((sql) => planOf(sql).some((detail) => detail.includes("TEMP B-TREE")));
  expect(lists.length).toBeGreaterThan(100);
  expect(sorted.filter((sql) => !/call_session_id = \?/.test(sql))).toEqual([]);
});

test("a scan would be found", () => {
  expect(faults("SELECT sum(frames) FROM segments")).toEqual(["SCAN segments"]);
  expect(faults("SELECT count(*) FROM recordings WHERE leg = ?")).toHaveLength(1);
});
