import { setImmediate } from "node:timers/promises";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "../../store/database.ts";
import { chooseBucket } from "../../domain/histogram-buckets.ts";
import { type Lookups, readBy } from "./leads.ts";
import type { Histogram, InteractionFilter } from "./query.ts";
import { lookupsOf, valuesOf } from "./search-values.ts";

/** A million rows are counted in so many turns, between which others get theirs. */
const TURNS = 48;

/**
 * Counts the interactions with a filter by when they started.
 *
 * @param wantedMs - how much a bucket shall be; it becomes more where that would be too many.
 * @param signal - ends the counting between two turns.
 * @throws the signal's reason.
 */
export async function countByTime(
  database: AdapterDatabase,
  filter: InteractionFilter,
  wantedMs: DurationMs,
  signal: AbortSignal,
): Promise<Histogram> {
  const span = spanOf(database, filter);
  const { from, to, bucketMs, bucketCount } = chooseBucket(span, wantedMs);
  const { sql, found, few } = histogramSql(filter, lookupsOf(database, filter));
  const statement = database.prepare<unknown[], { bucket: number; count: number }>(sql);
  const values = { ...valuesOf(filter), found: JSON.stringify(found), origin: from, bucketMs };
  const bucketsInTurn = few ? bucketCount : Math.ceil(bucketCount / TURNS);
  const buckets: Histogram["buckets"] = [];
  for (let first = 0; first < bucketCount; first += bucketsInTurn) {
    signal.throwIfAborted();
    const turn = {
      from: Math.max(span.from, from + first * bucketMs),
      to: Math.min(to, from + (first + bucketsInTurn) * bucketMs),
    };
    for (const { bucket, count } of statement.all({ ...values, ...turn }))
      buckets.push({ at: from + bucket * bucketMs, count });
    await setImmediate();
  }
  return { bucketMs, from, to, buckets };
}

/** The statement for one turn; what has to be between `@from` and `@to`. */
function histogramSql(
  filter: InteractionFilter,
  lookups: Lookups,
): { sql: string; found: readonly number[]; few: boolean } {
  // The turn has both, whatever was asked for.
  const { lead, where, found } = readBy({ ...filter, from: 0, to: 0 }, "-startedAt", lookups);
  const { facts, few, table } = lead;
  const counted = facts === "a" && filter.agent === undefined ? `DISTINCT ${facts}.interaction_id` : "*";
  // Numbers are bound as real ones, which divide without a rest.
  const sql = `SELECT CAST((${facts}.started_at - @origin) / @bucketMs AS INTEGER) AS bucket, count(${counted}) AS count
    FROM ${table} ${where} GROUP BY bucket ORDER BY bucket`;
  return { sql, found, few };
}

/** What was asked for, or as much as there is anything. */
function spanOf(
  database: AdapterDatabase,
  { from, to, anyAgent }: InteractionFilter,
): { from: EpochMs; to: EpochMs } {
  const edge = (which: "min" | "max") => {
    const sql = `SELECT ${which}(started_at) FROM`;
    if (anyAgent === undefined) {
      return database.prepare<[], number | null>(`${sql} catalogue`).pluck().get() ?? 0;
    }
    // Not even when the first call was is told to who may not see it.
    const ofOne = database
      .prepare<[string], number | null>(`${sql} catalogue_agents WHERE agent = ?`)
      .pluck();
    const edges = anyAgent.flatMap((agent) => ofOne.get(agent) ?? []);
    return edges.length === 0 ? 0 : Math[which](...edges);
  };
  return { from: from ?? edge("min"), to: to ?? edge("max") + 1 };
}
