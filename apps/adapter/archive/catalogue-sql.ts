import type { InteractionQuery } from "./catalogue.ts";

/** Up to so many rows are sorted; more are read in the order of the list until a page is full. */
export const RARE = 2_000;
/** What the index of texts is made of. */
const GRAM = 3;
/** More of them narrow hardly any further, and each is one more list to walk. */
const GRAMS_MAX = 6;

/** Counts what a condition finds, up to one more than {@link RARE}; `value` is its one parameter. */
export interface RareProbe {
  sql: string;
  value: string | number;
}

/**
 * The statement of a list, newest first. Every one is led by an index that has the list's order, or by one that finds
 * few rows; what is left is judged row by row. Which one it is, is said to SQLite (`INDEXED BY`): without statistics it
 * would guess, and with them it would guess otherwise on every machine.
 *
 * @param isRare - whether a condition finds few rows.
 */
export function listSql(
  query: InteractionQuery,
  isContinued: boolean,
  isRare: (probe: RareProbe) => boolean,
): string {
  const { q, agent, customer, queue, from, to, minDurationMs, coverage } = query;
  const source = leadOf(query, isRare);
  const conditions = [
    ...source.conditions,
    ...(q === undefined ? [] : ["instr(c.search, @q) > 0"]),
    ...(agent === undefined ? [] : [`${source.isByAgent ? "a.agent" : HAS_AGENT} = @agent`]),
    ...(customer === undefined ? [] : ["c.customer = @customer"]),
    ...(queue === undefined ? [] : ["c.queue = @queue"]),
    ...(from === undefined ? [] : [`${source.at} >= @from`]),
    ...(to === undefined ? [] : [`${source.at} < @to`]),
    ...(minDurationMs === undefined ? [] : ["c.duration_ms >= @minDurationMs"]),
    ...(coverage === undefined ? [] : ["c.coverage = @coverage"]),
    ...(isContinued ? [`(${source.at}, ${source.id}) < (@afterAt, @afterId)`] : []),
  ];
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  return `SELECT c.interaction_id, c.started_at, c.place, c.manifest FROM ${source.table}
    ${where} ORDER BY ${source.at} DESC, ${source.id} DESC LIMIT @limit`;
}

/** The word of an agent among those of a row, for rows that were found otherwise. */
const HAS_AGENT = "(SELECT value FROM json_each(c.agents) WHERE value = @agent)";

interface Lead {
  table: string;
  at: string;
  id: string;
  isByAgent: boolean;
  conditions: string[];
}

function leadOf(query: InteractionQuery, isRare: (probe: RareProbe) => boolean): Lead {
  const row = { at: "c.started_at", id: "c.interaction_id", isByAgent: false, conditions: [] };
  const by = (index: string): Lead => ({ ...row, table: `catalogue AS c INDEXED BY ${index}` });
  const match = query.q === undefined ? null : matchText(query.q);
  if (
    match !== null &&
    isRare({ sql: countUpTo("catalogue_text WHERE catalogue_text MATCH ?"), value: match })
  ) {
    const found = "c.rowid IN (SELECT rowid FROM catalogue_text WHERE catalogue_text MATCH @match)";
    return { ...row, table: "catalogue AS c NOT INDEXED", conditions: [found] };
  }
  const { minDurationMs } = query;
  if (minDurationMs !== undefined && minDurationMs > 0) {
    if (isRare({ sql: countUpTo("catalogue WHERE duration_ms >= ?"), value: minDurationMs }))
      return by("catalogue_by_duration");
  }
  if (query.customer !== undefined) return by("catalogue_by_customer");
  if (query.agent !== undefined) {
    const table = "catalogue_agents AS a CROSS JOIN catalogue AS c ON c.interaction_id = a.interaction_id";
    return { table, at: "a.started_at", id: "a.interaction_id", isByAgent: true, conditions: [] };
  }
  if (query.queue !== undefined) return by("catalogue_by_queue");
  if (query.coverage !== undefined) return by("catalogue_by_coverage");
  return by("catalogue_by_time");
}

function countUpTo(from: string): string {
  return `SELECT count(*) AS count FROM (SELECT 1 FROM ${from} LIMIT ${RARE + 1})`;
}

/**
 * What the index of texts is asked for: pieces of the wanted text, all of which a row must have that has the whole.
 *
 * @returns null when the text is shorter than a piece.
 */
export function matchText(q: string): string | null {
  const characters = Array.from(q.toLowerCase());
  if (characters.length < GRAM) return null;
  const starts = characters.map((_, index) => index * GRAM).filter((start) => start < characters.length);
  const grams = starts.map((start) => {
    const from = Math.min(start, characters.length - GRAM);
    return characters.slice(from, from + GRAM).join("");
  });
  return [...new Set(grams)]
    .slice(0, GRAMS_MAX)
    .map((gram) => `"${gram.replaceAll('"', '""')}"`)
    .join(" AND ");
}
