import { DeskreelError } from "#shared/runtime/errors.ts";
import type { AdapterDatabase } from "../../store/database.ts";
import { type Lead, type Lookups, readBy } from "./leads.ts";
import { type InteractionQuery, type Sort, SORTS } from "./query.ts";
import { lookupsOf, valuesOf } from "./search-values.ts";

/** A row of the catalogue in a list: where it stands in the list's order. */
export interface ListedRow {
  row: number;
  /** Its start in epoch ms, or its length in ms. */
  key: number;
  id: string;
}

/**
 * One page of a list, and one row more if there is a next.
 *
 * @throws DeskreelError `BAD_CURSOR` when the cursor is none of this list's.
 */
export function listRows(database: AdapterDatabase, query: InteractionQuery): ListedRow[] {
  const { sort = "-startedAt", agent, anyAgent } = query;
  const after = query.cursor === undefined ? null : readCursor(query.cursor, sort);
  const statementOf = (asked: InteractionQuery) => {
    const { sql, lead, found } = listSql(asked, sort, after !== null, lookupsOf(database, asked));
    const statement = database.prepare<unknown[], ListedRow>(sql);
    const values = {
      ...valuesOf(asked),
      found: JSON.stringify(found),
      afterKey: after?.key ?? null,
      afterId: after?.id ?? null,
      // One more than asked for tells whether there is a next page.
      limit: query.limit + 1,
    };
    return { lead, read: (change: object = {}) => statement.all({ ...values, ...change }) };
  };
  const { lead, read } = statementOf(query);
  const isInOrder = lead.few || lead.facts === "c" || agent !== undefined || anyAgent === undefined;
  if (isInOrder) return read();
  // Each agent's rows are in order: so many of each are enough to have the first of all.
  const { anyAgent: _all, ...rest } = query;
  const [first] = anyAgent;
  if (first === undefined) return [];
  const ofOne = statementOf({ ...rest, agent: first });
  const ofEach = anyAgent.flatMap((one) => ofOne.read({ agent: one }));
  const isDown = sort.startsWith("-");
  const inOrder = ofEach.sort((left, right) => (isDown ? compare(right, left) : compare(left, right)));
  return inOrder.filter(({ id }, index) => id !== inOrder[index - 1]?.id).slice(0, query.limit + 1);
}

/** The statement of a list: rows in order, with what a cursor is made of. */
export function listSql(
  query: InteractionQuery,
  sort: Sort,
  isContinued: boolean,
  lookups: Lookups,
): { sql: string; lead: Lead; found: readonly number[] } {
  const column = sort.endsWith("durationMs") ? "duration_ms" : "started_at";
  const [direction, beyond] = sort.startsWith("-") ? ["DESC", "<"] : ["ASC", ">"];
  const { lead, where, found } = readBy(query, sort, lookups, (facts) =>
    isContinued ? [`(${facts}.${column}, ${facts}.interaction_id) ${beyond} (@afterKey, @afterId)`] : [],
  );
  const { facts } = lead;
  const key = `${facts}.${column}`;
  const id = `${facts}.interaction_id`;
  const row = facts === "a" ? "a.row" : "c.rowid";
  // Of several agents' rows more than one may stand for the same interaction.
  const distinct = facts === "a" && query.agent === undefined ? "DISTINCT " : "";
  const sql = `SELECT ${distinct}${row} AS row, ${key} AS key, ${id} AS id FROM ${lead.table}
    ${where} ORDER BY ${key} ${direction}, ${id} ${direction} LIMIT @limit`;
  return { sql, lead, found };
}

function compare(left: ListedRow, right: ListedRow): number {
  if (left.key !== right.key) return left.key - right.key;
  return left.id < right.id ? -1 : Number(left.id > right.id);
}

/** A cursor tells the list's order, so that it cannot go on in another. */
export function writeCursor({ key, id }: ListedRow, sort: Sort = "-startedAt"): string {
  return Buffer.from(`${SORTS.indexOf(sort)}/${key}/${id}`).toString("base64url");
}

/** @throws DeskreelError `BAD_CURSOR`. */
export function readCursor(text: string, sort: Sort): Omit<ListedRow, "row"> {
  const match = /^(\d)\/(-?\d+)\/([a-z0-9-]{1,64})$/.exec(Buffer.from(text, "base64url").toString());
  const [, order, key, id] = match ?? [];
  if (key === undefined || id === undefined || order !== String(SORTS.indexOf(sort))) {
    throw new DeskreelError(
      "BAD_CURSOR",
      `cursor ${JSON.stringify(text.slice(0, 80))} is not one that a list sorted by ${sort} has answered`,
    );
  }
  return { key: Number(key), id };
}
