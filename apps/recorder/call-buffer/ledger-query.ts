import type { CoverageWord } from "#shared/api/coverage.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { ListPosition } from "./recording-reader.ts";

/** What `GET /v1/coverage` may ask for: entries that overlap [from, to). */
export interface LedgerFilter {
  from?: EpochMs | undefined;
  to?: EpochMs | undefined;
  agent?: string | undefined;
  callSessionId?: string | undefined;
  word?: CoverageWord | undefined;
}

/** One index of the catalogue that holds entries of the ledger; together the sources of a filter have each entry once. */
export interface LedgerSource {
  of: "recordings" | "unjudged-recordings" | "strays";
  /** `far`: what began long before the time asked for, and still reaches into it. */
  reach: "near" | "far";
}

/** A statement with its values. */
export interface LedgerQuery {
  sql: string;
  values: (string | number)[];
}

/** Entries longer than this, and those that go on, have an index of their own: a search by start need not look back further. */
const LONG_MS: DurationMs = 7_200_000;

/** Where entries that pass the filter may be. */
export function ledgerSources({ from, word }: LedgerFilter): LedgerSource[] {
  const kinds: LedgerSource["of"][] = ["recordings"];
  if (word !== undefined) kinds.push("unjudged-recordings");
  if (word === undefined || word === "not-recorded") kinds.push("strays");
  const near = kinds.map((of): LedgerSource => ({ of, reach: "near" }));
  return from === undefined ? near : [...near, ...kinds.map((of): LedgerSource => ({ of, reach: "far" }))];
}

/** Selects a source's entries, newest first, at most `limit`, from after `position` on. */
export function ledgerQuery(
  source: LedgerSource,
  filter: LedgerFilter,
  limit: number,
  position: ListPosition | null,
): LedgerQuery {
  const { columns, table, start, end, isLong } = source.of === "strays" ? STRAYS : RECORDINGS;
  const { agent, callSessionId, from, to, word } = filter;
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const demand = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (source.of === "strays") demand("reason IS NOT NULL");
  if (source.of === "recordings" && word !== undefined) demand("word = ?", word);
  if (source.of === "unjudged-recordings") demand("word IS NULL");
  if (agent !== undefined) demand("agent = ?", agent);
  if (callSessionId !== undefined) demand("call_session_id = ?", callSessionId);
  if (to !== undefined) demand(`${start} < ?`, to);
  if (from !== undefined) {
    // What has no length overlaps if it is within.
    demand(`(${end} IS NULL OR ${end} > ? OR ${start} >= ?)`, from, from);
    if (source.reach === "near") demand(`${start} >= ?`, from - LONG_MS);
    else demand(`${isLong} AND ${start} < ?`, from - LONG_MS);
  }
  if (position !== null) demand(`(${start}, id) < (?, ?)`, position.startedAt, position.id);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
  return {
    sql: `SELECT ${columns} FROM ${table} INDEXED BY ${indexOf(source, filter)} ${where} ORDER BY ${start} DESC, id DESC LIMIT ?`,
    values: [...values, limit],
  };
}

const RECORDINGS = {
  table: "recordings",
  columns: "*",
  start: "started_at",
  end: "ended_at",
  /** Word by word as in the index. */
  isLong: `(ended_at IS NULL OR ended_at - started_at > ${LONG_MS})`,
};

const STRAYS = {
  table: "strays",
  columns: `*, CASE WHEN call_session_id IS NULL OR EXISTS (
      SELECT 1 FROM recordings
      WHERE recordings.agent = strays.agent AND recordings.call_session_id = strays.call_session_id
    ) THEN NULL ELSE 1 END AS leg`,
  start: "from_at",
  end: "to_at",
  isLong: `to_at - from_at > ${LONG_MS}`,
};

/** Named, since the choice of SQLite without statistics is a guess. */
function indexOf({ of, reach }: LedgerSource, { agent, callSessionId, word }: LedgerFilter): string {
  if (of === "strays") {
    if (agent !== undefined) return "strays_of_agent";
    if (callSessionId !== undefined) return "strays_of_session";
    return reach === "far" ? "strays_long" : "strays_by_start";
  }
  if (callSessionId !== undefined) return "recordings_of_session";
  if (reach === "far") return "recordings_long";
  if (of === "unjudged-recordings") return "recordings_by_word";
  if (agent !== undefined) return "recordings_of_agent_by_start";
  return word === undefined ? "recordings_by_start" : "recordings_by_word";
}
