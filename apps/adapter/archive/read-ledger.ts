import { setImmediate as nextTurn } from "node:timers/promises";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { ledgerLine, type LedgerLine } from "../domain/ledger.ts";
import type { AdapterDatabase } from "../store/database.ts";

/** So many interactions are read at once; others are served in between. */
const ROWS_AT_ONCE = 500;

/**
 * The ledger lines of all interactions that started in [from, to), newest first.
 *
 * @param signal - ends it: whoever asked has gone.
 */
export async function readLedger(
  database: AdapterDatabase,
  { from, to }: { from: EpochMs; to: EpochMs },
  signal: AbortSignal,
): Promise<LedgerLine[]> {
  const read = database.prepare<
    [number, number, string, number],
    { at: number; id: string; manifest: string }
  >(
    `SELECT started_at AS at, interaction_id AS id, manifest FROM catalogue
     WHERE started_at >= ? AND (started_at, interaction_id) < (?, ?)
     ORDER BY started_at DESC, interaction_id DESC LIMIT ?`,
  );
  const lines: LedgerLine[] = [];
  let before = { at: to, id: "" };
  for (;;) {
    signal.throwIfAborted();
    const rows = read.all(from, before.at, before.id, ROWS_AT_ONCE);
    for (const row of rows) lines.push(ledgerLine(JSON.parse(row.manifest) as Manifest));
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_AT_ONCE) return lines;
    before = last;
    await nextTurn();
  }
}
