import { setImmediate as nextTurn } from "node:timers/promises";
import type { CoverageWord } from "#shared/api/coverage.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { type LedgerTotals, type MissingCount, totalReasons } from "../../domain/ledger.ts";
import type { AdapterDatabase } from "../../store/database.ts";
import type { LedgerSpan } from "./query.ts";

/** So many interactions are counted in one turn; others are served in between. */
const COUNTED_AT_ONCE = 5_000;

/**
 * What was not recorded in a span of any length, and why. What it needs of memory is the same for a day and for years.
 *
 * @param signal - ends it between two turns: whoever asked has gone.
 * @throws the signal's reason.
 */
export async function countLedger(
  database: AdapterDatabase,
  span: LedgerSpan,
  signal: AbortSignal,
): Promise<LedgerTotals> {
  const words = new Map<CoverageWord, number>();
  const missing = new Map<string, MissingCount>();
  const reasons = JSON.stringify(knownReasons(database));
  const countWords = database.prepare<unknown[], { word: CoverageWord; interactions: number }>(
    wordsSql(span),
  );
  const countMissing = database.prepare<unknown[], MissingCount>(missingSql(span));
  for (const slice of slicesOf(database, span)) {
    signal.throwIfAborted();
    const values = { ...valuesOf(span), ...slice, reasons };
    for (const { word, interactions } of countWords.all(values))
      words.set(word, (words.get(word) ?? 0) + interactions);
    for (const { reason, detail, interactions, ms } of countMissing.all(values)) {
      const key = JSON.stringify([reason, detail]);
      const before = missing.get(key) ?? { interactions: 0, ms: 0 };
      const sum = { interactions: before.interactions + interactions, ms: before.ms + ms };
      missing.set(key, { reason, detail, ...sum });
    }
    await nextTurn();
  }
  return {
    interactions: [...words.values()].reduce((sum, count) => sum + count, 0),
    partial: words.get("partial") ?? 0,
    notRecorded: words.get("not-recorded") ?? 0,
    reasons: totalReasons([...missing.values()]),
  };
}

/** What is bound of a span in every statement; `from` and `to` may be a part of it. */
export function valuesOf({ from, to, agent, anyAgent }: LedgerSpan) {
  return { from, to, agent: agent ?? null, visible: JSON.stringify(anyAgent ?? []) };
}

/** The agents of an interaction that are asked for; empty: all are. `facts` has its start and its id. */
export function ofAgents({ agent, anyAgent }: LedgerSpan, facts: string): string[] {
  const took = (which: string) =>
    `EXISTS (SELECT 1 FROM catalogue_agents AS a WHERE a.agent ${which}
       AND a.started_at = ${facts}.started_at AND a.interaction_id = ${facts}.interaction_id)`;
  return [
    ...(agent === undefined ? [] : [took("= @agent")]),
    ...(anyAgent === undefined ? [] : [took("IN (SELECT value FROM json_each(@visible))")]),
  ];
}

/** Indexes lead: by time where everybody is meant, else by whom. */
function wordsSql(span: LedgerSpan): string {
  if (span.agent === undefined && span.anyAgent === undefined) {
    return `SELECT coverage AS word, count(*) AS interactions FROM catalogue INDEXED BY catalogue_by_time
      WHERE started_at >= @from AND started_at < @to GROUP BY coverage`;
  }
  const { agent: _agent, ...visible } = span;
  const whom = span.agent === undefined ? "IN (SELECT value FROM json_each(@visible))" : "= @agent";
  const also = span.agent === undefined ? [] : ofAgents(visible, "b");
  const where = [`b.agent ${whom}`, "b.started_at >= @from", "b.started_at < @to", ...also];
  return `SELECT coverage AS word, count(DISTINCT interaction_id) AS interactions FROM catalogue_agents AS b
    WHERE ${where.join(" AND ")} GROUP BY coverage`;
}

function missingSql(span: LedgerSpan): string {
  const where = [
    "m.reason IN (SELECT value FROM json_each(@reasons))",
    ...["m.started_at >= @from", "m.started_at < @to", ...ofAgents(span, "m")],
  ];
  return `SELECT m.reason, m.detail, count(*) AS interactions, sum(m.ms) AS ms FROM ledger_missing AS m
    WHERE ${where.join(" AND ")} GROUP BY m.reason, m.detail`;
}

/** Every reason that there is; one step in the index each, however many interactions have it. */
function knownReasons(database: AdapterDatabase): string[] {
  return database
    .prepare<[], string>(
      `WITH RECURSIVE known (reason) AS (
         SELECT min(reason) FROM ledger_missing
         UNION ALL SELECT (SELECT min(m.reason) FROM ledger_missing AS m WHERE m.reason > known.reason)
           FROM known WHERE known.reason IS NOT NULL)
       SELECT reason FROM known WHERE reason IS NOT NULL`,
    )
    .pluck()
    .all();
}

/** Parts of a span with about as many interactions as are counted at once. */
function* slicesOf(
  database: AdapterDatabase,
  { from, to }: LedgerSpan,
): Generator<{ from: EpochMs; to: EpochMs }> {
  const findEnd = database
    .prepare<[EpochMs, EpochMs, number], EpochMs>(
      `SELECT started_at FROM catalogue INDEXED BY catalogue_by_time
       WHERE started_at >= ? AND started_at < ? ORDER BY started_at, interaction_id LIMIT 1 OFFSET ?`,
    )
    .pluck();
  let start = from;
  while (start < to) {
    const found = findEnd.get(start, to, COUNTED_AT_ONCE) ?? to;
    // All of one instant are counted at once.
    const end = Math.max(found, start + 1);
    yield { from: start, to: end };
    start = end;
  }
}
