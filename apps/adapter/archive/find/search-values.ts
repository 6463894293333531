import type { AdapterDatabase } from "../../store/database.ts";
import { type Lookups, SOME } from "./leads.ts";
import type { InteractionFilter } from "./query.ts";
import { EXPANDED_MOST, quotePiece } from "./text-lookup.ts";

/** By so many rows it is judged how many have a piece of a text. */
const LOOKED_AT = 200;

/** What the names in a filter's conditions stand for. */
export function valuesOf(filter: InteractionFilter): Record<string, string | number | null> {
  const attributes = (filter.attributes ?? []).flatMap(({ name, value }, index) => [
    [`name${index}`, name],
    [`value${index}`, value],
  ]);
  return {
    q: filter.q?.toLowerCase() ?? null,
    agent: filter.agent?.toLowerCase() ?? null,
    anyAgent: JSON.stringify(filter.anyAgent ?? []),
    customer: filter.customer ?? null,
    queue: filter.queue ?? null,
    direction: filter.direction ?? null,
    from: filter.from ?? null,
    to: filter.to ?? null,
    minDurationMs: filter.minDurationMs ?? null,
    coverage: filter.coverage ?? null,
    ...Object.fromEntries(attributes),
  };
}

/** What a statement for a filter is made by. */
export function lookupsOf(database: AdapterDatabase, filter: InteractionFilter): Lookups {
  const values = valuesOf(filter);
  return {
    shareOf: (gram) => {
      const { count, last } = database
        .prepare<[string, number], { count: number; last: number | null }>(
          `SELECT count(*) AS count, max(rowid) AS last
           FROM (SELECT rowid FROM catalogue_text WHERE catalogue_text MATCH ? LIMIT ?)`,
        )
        .get(quotePiece(gram), LOOKED_AT) ?? { count: 0, last: 0 };
      // Rows are numbered as they came: the sooner there are so many, the more there are.
      return count < LOOKED_AT ? count / Number.MAX_SAFE_INTEGER : count / (last ?? count);
    },
    find: (match) =>
      database
        .prepare<[string, number], number>(
          "SELECT rowid FROM catalogue_text WHERE catalogue_text MATCH ? LIMIT ?",
        )
        .pluck()
        .all(match, SOME + 1),
    count: (table, condition, most) =>
      database
        .prepare<unknown[], number>(
          `SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE ${condition} LIMIT @most)`,
        )
        .pluck()
        .get({ ...values, most: most + 1 }) ?? 0,
    expand: (short) =>
      database
        .prepare<[string, number], { gram: string }>(
          "SELECT gram FROM catalogue_grams WHERE instr(gram, ?) > 0 LIMIT ?",
        )
        .all(short, EXPANDED_MOST + 1)
        .map(({ gram }) => gram),
  };
}
