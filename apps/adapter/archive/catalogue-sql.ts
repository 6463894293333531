import { gramsOf } from "../store/text-grams.ts";
import type { InteractionQuery } from "./catalogue.ts";

/** Up to so many rows are read and sorted; of more, those that have every condition are found in an index. */
export const RARE = 2_000;
/** Up to so many rows that have a text are told by their number while an index is read. */
export const SOME = 20_000;
/** So many pieces of a text, the rarest, leave hardly a row that does not have all of it; each is a list to walk. */
const PIECES = 2;
/** A text may be longer; this much of it tells it from others. */
const GRAMS_MOST = 64;
/** A short text in more pieces than these is in very many rows. */
export const EXPANDED_MOST = 400;

/** What is found out beforehand to make a statement. */
export interface Lookups {
  /** About how large a share of the rows has a piece. */
  shareOf: (gram: string) => number;
  /** All pieces in use that have a text shorter than a piece in them, and one more than {@link EXPANDED_MOST} at most. */
  expand: (short: string) => string[];
  /** The rows that the index of texts finds, and one more than {@link SOME} at most. */
  find: (match: string) => number[];
  /** How many rows are that long, and one more than {@link RARE} at most. */
  countLonger: (minDurationMs: number) => number;
}

export interface ListStatement {
  sql: string;
  /** The rows that have a text, as far as they were looked for beforehand. */
  found: readonly number[];
}

/**
 * The statement of a list, newest first. Every one is led by an index that has the list's order and what is asked for
 * in its columns, or by one that finds few rows. Which one it is, is said to SQLite (`INDEXED BY`): without statistics
 * it would guess, and with them it would guess otherwise on every machine.
 */
export function listSql(query: InteractionQuery, isContinued: boolean, lookups: Lookups): ListStatement {
  const { q, agent, customer, queue, from, to, minDurationMs, coverage } = query;
  const text = findText(query, lookups);
  const source = leadOf(query, text, lookups);
  const { at, id, facts } = source;
  const conditions = [
    ...source.conditions,
    ...(q === undefined ? [] : ["instr(c.search, @q) > 0"]),
    ...(agent === undefined ? [] : [`${source.agent} = @agent`]),
    ...(customer === undefined ? [] : [`${facts}.customer = @customer`]),
    ...(queue === undefined ? [] : [`${facts}.queue = @queue`]),
    ...(from === undefined ? [] : [`${at} >= @from`]),
    ...(to === undefined ? [] : [`${at} < @to`]),
    ...(minDurationMs === undefined ? [] : [`${facts}.duration_ms >= @minDurationMs`]),
    ...(coverage === undefined ? [] : [`${facts}.coverage = @coverage`]),
    ...(isContinued ? [`(${at}, ${id}) < (@afterAt, @afterId)`] : []),
  ];
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const sql = `SELECT c.interaction_id, c.started_at, c.place, c.manifest FROM ${source.table}
    ${where} ORDER BY ${at} DESC, ${id} DESC LIMIT @limit`;
  return { sql, found: text ?? [] };
}

/** The word of an agent among those of a row, for rows that were found otherwise. */
const HAS_AGENT = "(SELECT value FROM json_each(c.agents) WHERE value = @agent)";
const FOUND = "IN (SELECT value FROM json_each(@found))";

interface Lead {
  table: string;
  at: string;
  id: string;
  /** Whose columns tell customer, queue, length and coverage. */
  facts: "a" | "c";
  agent: string;
  conditions: string[];
}

/** @returns null when there is no text, or very many rows have it. */
function findText({ q, queue }: InteractionQuery, lookups: Lookups): number[] | null {
  if (q === undefined) return null;
  const text = q.toLowerCase();
  const wanted = matchText(text, lookups.shareOf) ?? matchAny(lookups.expand(text));
  if (wanted === null) return null;
  const also = queue === undefined ? null : matchText(queue.toLowerCase(), lookups.shareOf);
  // A queue is in the texts too, and in few rows together with a text that does not go with it.
  const found = lookups.find(also === null ? wanted : `(${wanted}) AND ${also}`);
  return found.length > SOME ? null : found;
}

function leadOf(query: InteractionQuery, found: readonly number[] | null, lookups: Lookups): Lead {
  const row = { at: "c.started_at", id: "c.interaction_id", facts: "c", agent: HAS_AGENT } as const;
  const conditions = found === null ? [] : [`c.rowid ${FOUND}`];
  if (found !== null && found.length <= RARE)
    return { ...row, table: "catalogue AS c NOT INDEXED", conditions };
  const by = (index: string): Lead => ({ ...row, table: `catalogue AS c INDEXED BY ${index}`, conditions });
  const { minDurationMs } = query;
  const isLong = minDurationMs !== undefined && minDurationMs > 0;
  if (isLong && lookups.countLonger(minDurationMs) <= RARE) return by("catalogue_by_duration");
  if (query.customer !== undefined) return by("catalogue_by_customer");
  if (query.agent !== undefined) {
    return {
      table: "catalogue_agents AS a CROSS JOIN catalogue AS c ON c.rowid = a.row",
      ...{ at: "a.started_at", id: "a.interaction_id", facts: "a", agent: "a.agent" },
      conditions: found === null ? [] : [`a.row ${FOUND}`],
    };
  }
  // Nearly all are recorded; the other words are rarer than any queue.
  if (query.coverage !== undefined && query.coverage !== "recorded") return by("catalogue_by_coverage");
  if (query.queue !== undefined) return by("catalogue_by_queue");
  if (query.coverage !== undefined) return by("catalogue_by_coverage");
  return by("catalogue_by_time");
}

/**
 * What the index of texts is asked for: the rarest pieces of a text, all of which a row must have that has the whole.
 *
 * @returns null when the text is shorter than a piece.
 */
export function matchText(text: string, shareOf: Lookups["shareOf"]): string | null {
  const grams = gramsOf(text).slice(0, GRAMS_MOST);
  if (grams.length === 0) return null;
  const shares = new Map(grams.map((gram) => [gram, shareOf(gram)]));
  const rarest = grams.toSorted((left, right) => (shares.get(left) ?? 0) - (shares.get(right) ?? 0));
  return rarest.slice(0, PIECES).map(quotePiece).join(" AND ");
}

/** @returns null when there are so many that most rows have one of them. */
function matchAny(grams: readonly string[]): string | null {
  if (grams.length > EXPANDED_MOST) return null;
  // No text has two line ends at its beginning, so nothing is found by it.
  return grams.length === 0 ? quotePiece("\n\n\n") : grams.map(quotePiece).join(" OR ");
}

/** As the index of texts is asked for it. */
export function quotePiece(gram: string): string {
  return `"${gram.replaceAll('"', '""')}"`;
}
