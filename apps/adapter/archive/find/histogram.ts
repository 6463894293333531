import { setImmediate } from "node:timers/promises";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "../../store/database.ts";
import { type Buckets, chooseBucket } from "../../domain/histogram-buckets.ts";
import { type CountReading, readToCount } from "./leads.ts";
import type { Histogram, InteractionFilter } from "./query.ts";
import { lookupsOf, valuesOf } from "./search-values.ts";

/** A million rows are counted in so many turns, between which others get theirs. */
const TURNS = 48;
/** So many rows that were found are counted in one turn. */
const FOUND_IN_TURN = 2_000;

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
  const divided = chooseBucket(span, wantedMs);
  const { from, to, bucketMs } = divided;
  const reading = readToCount(filter, lookupsOf(database, filter));
  const statement = database.prepare<unknown[], { bucket: number; count: number }>(countSql(reading, filter));
  const values = { ...valuesOf(filter), from: span.from, to, origin: from, bucketMs };
  const counts = new Map<number, number>();
  for (const turn of turnsOf(database, reading, divided, span.from)) {
    signal.throwIfAborted();
    for (const { bucket, count } of statement.all({ ...values, ...turn }))
      counts.set(bucket, (counts.get(bucket) ?? 0) + count);
    await setImmediate();
  }
  const buckets = [...counts]
    .sort(([left], [right]) => left - right)
    .map(([bucket, count]) => ({ at: from + bucket * bucketMs, count }));
  return { bucketMs, from, to, buckets };
}

function countSql({ facts, table, where }: CountReading, filter: InteractionFilter): string {
  const counted = facts === "a" && filter.agent === undefined ? `DISTINCT ${facts}.interaction_id` : "*";
  // Numbers are bound as real ones, which divide without a rest.
  return `SELECT CAST((${facts}.started_at - @origin) / @bucketMs AS INTEGER) AS bucket, count(${counted}) AS count
    FROM ${table} ${where} GROUP BY bucket`;
}

/** What is bound in each turn, beside what is in all of them. */
function* turnsOf(
  database: AdapterDatabase,
  { by, found }: CountReading,
  { from, to, bucketMs, bucketCount }: Buckets,
  earliest: EpochMs,
): Generator<Record<string, number | string>> {
  switch (by) {
    case "once":
      yield { found: JSON.stringify(found) };
      return;
    case "found":
      for (let first = 0; first < found.length; first += FOUND_IN_TURN)
        yield { found: JSON.stringify(found.slice(first, first + FOUND_IN_TURN)) };
      return;
    case "place": {
      const last = database.prepare<[], number | null>("SELECT max(rowid) FROM catalogue").pluck().get() ?? 0;
      const rows = Math.ceil(last / TURNS);
      for (let first = 1; first <= last; first += rows) yield { firstRow: first, lastRow: first + rows - 1 };
      return;
    }
    case "time": {
      const step = Math.ceil(bucketCount / TURNS);
      for (let first = 0; first < bucketCount; first += step) {
        const [start, end] = [from + first * bucketMs, from + (first + step) * bucketMs];
        yield { from: Math.max(earliest, start), to: Math.min(to, end) };
      }
    }
  }
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
