import type { CoverageWord } from "#shared/api/coverage.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { LedgerLine, LedgerTotals } from "../../domain/ledger.ts";

/** Whose ledger of which time is meant: interactions that started in [from, to). */
export interface LedgerSpan {
  from: EpochMs;
  to: EpochMs;
  /** The whole agent id, in lower case. */
  agent?: string;
  /** Only interactions in which one of these took part may be told of; their ids are lower case. */
  anyAgent?: readonly string[];
}

/** Which lines of it. */
export interface LedgerQuery extends LedgerSpan {
  /** Absent: all that is incomplete. */
  word?: CoverageWord;
  /** Something is missing for this reason. */
  reason?: string;
  limit: number;
  /** From the page before; absent for the first. */
  cursor?: string;
}

export interface LedgerPage {
  totals: LedgerTotals;
  /** Newest first. */
  items: LedgerLine[];
  cursor: string | null;
}
