import { setImmediate as nextTurn } from "node:timers/promises";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { ledgerLine, type LedgerLine } from "../../domain/ledger.ts";
import type { AdapterDatabase } from "../../store/database.ts";
import { type ListedRow, listRows, readCursor, writeCursor } from "../find/list.ts";
import type { LedgerQuery } from "./query.ts";
import { ofAgents, valuesOf } from "./totals.ts";

/** So many rows are looked into in one turn for those that somebody may see. */
const LOOKED_AT_ONCE = 2_000;
const SORT = "-startedAt";

/**
 * A page of the ledger's lines, newest first.
 *
 * @throws DeskreelError `BAD_CURSOR` when the cursor is none of it; the signal's reason.
 */
export async function listLedger(
  database: AdapterDatabase,
  query: LedgerQuery,
  signal: AbortSignal,
): Promise<{ items: LedgerLine[]; cursor: string | null }> {
  const rows =
    query.reason === undefined
      ? listByWord(database, query)
      : await listByReason(database, query, query.reason, signal);
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const read = database.prepare<[number], string>("SELECT manifest FROM catalogue WHERE rowid = ?").pluck();
  return {
    items: shown.flatMap(({ row }) => {
      const manifest = read.get(row);
      return manifest === undefined ? [] : [ledgerLine(JSON.parse(manifest) as Manifest)];
    }),
    cursor: rows.length > shown.length && last !== undefined ? writeCursor(last, SORT) : null,
  };
}

/** With one row more if there is a next page. */
function listByWord(
  database: AdapterDatabase,
  { word, reason: _reason, ...query }: LedgerQuery,
): ListedRow[] {
  const incomplete = COVERAGE_WORDS.filter((other) => other !== "recorded");
  const lists = (word === undefined ? incomplete : [word]).map((coverage) =>
    listRows(database, { ...query, coverage, sort: SORT }),
  );
  return lists
    .flat()
    .sort((left, right) => right.key - left.key || (left.id < right.id ? 1 : -1))
    .slice(0, query.limit + 1);
}

/** Complete ones too, where only the sound is missing; with one row more if there is a next page. */
async function listByReason(
  database: AdapterDatabase,
  query: LedgerQuery,
  reason: string,
  signal: AbortSignal,
): Promise<ListedRow[]> {
  const { word, cursor, limit } = query;
  const isSeen = ofAgents(query, "m");
  const statement = database.prepare<unknown[], ListedRow & { isSeen: number }>(
    `SELECT m.row, m.started_at AS key, m.interaction_id AS id,
       ${["m.coverage = coalesce(@word, m.coverage)", ...isSeen].join(" AND ")} AS isSeen
     FROM ledger_missing AS m
     WHERE m.reason = @reason AND m.started_at >= @from
       AND (m.started_at, m.interaction_id) < (@beforeKey, @beforeId)
     ORDER BY m.started_at DESC, m.interaction_id DESC LIMIT @count`,
  );
  let before = cursor === undefined ? { key: query.to, id: "" } : readCursor(cursor, SORT);
  const found: ListedRow[] = [];
  for (;;) {
    signal.throwIfAborted();
    const place = { beforeKey: before.key, beforeId: before.id };
    const values = { ...valuesOf(query), ...place, reason, word: word ?? null, count: LOOKED_AT_ONCE };
    const rows = statement.all(values);
    found.push(...rows.filter((row) => row.isSeen === 1));
    const last = rows.at(-1);
    if (found.length > limit || last === undefined || rows.length < LOOKED_AT_ONCE)
      return found.slice(0, limit + 1);
    before = last;
    await nextTurn();
  }
}
