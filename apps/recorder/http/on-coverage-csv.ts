import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { Response } from "express";
import type { LedgerEntry } from "#shared/api/ledger.ts";
import type { LedgerFilter } from "../call-buffer/ledger-query.ts";
import type { LedgerReader } from "../call-buffer/ledger-reader.ts";
import type { ListPosition } from "../call-buffer/recording-reader.ts";
import { csvRow } from "./csv.ts";

const COLUMNS = [
  "callSessionId",
  "agent",
  "leg",
  "recordingId",
  "word",
  "reason",
  "from",
  "to",
  "gaps",
  "detail",
] as const;
/** So many entries are read in one turn of the event loop, which media shares. */
const ENTRIES_AT_ONCE = 50;

/** Writes every entry that passes the filter, as many at a time as the reader takes. */
export async function writeCoverageCsv(
  ledger: LedgerReader,
  filter: LedgerFilter,
  response: Response,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.attachment("coverage.csv").type("text/csv; charset=utf-8; header=present");
  response.write(csvRow(COLUMNS));
  let position: ListPosition | null = null;
  do {
    const { items, next } = ledger.list(filter, ENTRIES_AT_ONCE, position);
    const isTaken = response.write(items.map(toRow).join(""));
    if (!isTaken) await untilDrained(response, gone.signal);
    await setImmediate();
    position = next;
  } while (position !== null && !gone.signal.aborted);
  response.end();
}

/** Also when the reader is gone. */
async function untilDrained(response: Response, gone: AbortSignal): Promise<void> {
  try {
    await once(response, "drain", { signal: gone });
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

function toRow({ gaps, ...entry }: LedgerEntry): string {
  const gapTexts = gaps.map(({ from, to, reason, track }) => {
    const where = track === null ? "" : ` on track ${track}`;
    return `${reason}${where} ${from}/${to ?? ""}`;
  });
  const { callSessionId, agent, leg, recordingId, word, reason, from, to, detail } = entry;
  return csvRow([
    callSessionId,
    agent,
    leg,
    recordingId,
    word,
    reason,
    from,
    to,
    gapTexts.join("; "),
    detail,
  ]);
}
