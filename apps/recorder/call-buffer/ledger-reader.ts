import type { Statement } from "better-sqlite3";
import type { LedgerEntry } from "#shared/api/ledger.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { listGaps } from "../domain/ledger-gaps.ts";
import type { StrayReason } from "../domain/strays.ts";
import type { Catalogue } from "./database.ts";
import {
  type LedgerFilter,
  ledgerQuery,
  type LedgerQuery,
  ledgerSources,
  type LedgerSource,
} from "./ledger-query.ts";
import type { RecordingFactsReader, RecordingRow } from "./recording-facts.ts";
import type { ListPosition } from "./recording-reader.ts";

interface StrayRow {
  id: string;
  agent: string;
  call_session_id: string | null;
  from_at: EpochMs;
  to_at: EpochMs;
  reason: StrayReason;
  leg: number | null;
}

/** An entry with where it is in the list. */
interface PlacedEntry extends ListPosition {
  entry: LedgerEntry;
}

/** How many recordings whose word is not stored are judged before it is seen whether they are enough. */
const JUDGED_AT_ONCE = 50;

/** The ledger: every recording, and every call event that none has. */
export class LedgerReader {
  readonly #catalogue: Catalogue;
  readonly #facts: RecordingFactsReader;
  readonly #statements = new Map<string, Statement<(string | number)[]>>();

  constructor(catalogue: Catalogue, facts: RecordingFactsReader) {
    this.#catalogue = catalogue;
    this.#facts = facts;
  }

  /** Newest first, at most `limit`, from after `position` on. */
  list(
    filter: LedgerFilter,
    limit: number,
    position: ListPosition | null,
  ): { items: LedgerEntry[]; next: ListPosition | null } {
    const found = ledgerSources(filter).flatMap((source) => this.#read(source, filter, limit + 1, position));
    found.sort(compareNewestFirst);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const hasMore = found.length > limit && last !== undefined;
    return {
      items: shown.map(({ entry }) => entry),
      next: hasMore ? { startedAt: last.startedAt, id: last.id } : null,
    };
  }

  #read(
    source: LedgerSource,
    filter: LedgerFilter,
    limit: number,
    position: ListPosition | null,
  ): PlacedEntry[] {
    if (source.of === "strays") {
      return this.#rows<StrayRow>(ledgerQuery(source, filter, limit, position)).map(placeStray);
    }
    if (source.of === "unjudged-recordings") return this.#readUnjudged(source, filter, limit, position);
    const rows = this.#rows<RecordingRow>(ledgerQuery(source, filter, limit, position));
    return rows.map((row) => this.#place(row));
  }

  /** Those under way, and those that have just changed. */
  #readUnjudged(
    source: LedgerSource,
    filter: LedgerFilter,
    limit: number,
    position: ListPosition | null,
  ): PlacedEntry[] {
    const found: PlacedEntry[] = [];
    let after = position;
    while (found.length < limit) {
      const rows = this.#rows<RecordingRow>(ledgerQuery(source, filter, JUDGED_AT_ONCE, after));
      const placed = rows.map((row) => this.#place(row));
      found.push(...placed.filter(({ entry }) => entry.word === filter.word));
      if (rows.length < JUDGED_AT_ONCE) break;
      after = placed.at(-1) ?? null;
    }
    return found;
  }

  #rows<Row>({ sql, values }: LedgerQuery): Row[] {
    const statement = this.#statements.get(sql) ?? this.#catalogue.prepare<(string | number)[]>(sql);
    this.#statements.set(sql, statement);
    return statement.all(...values) as Row[];
  }

  #place(row: RecordingRow): PlacedEntry {
    const { tracks, coverageWithoutTrack, verdict, detail, isPending } = this.#facts.read(row);
    const covered = tracks.map(({ track, coverage }) => ({ id: String(track.id), coverage }));
    const gaps = listGaps({ tracks: covered, coverageWithoutTrack, verdict });
    return {
      startedAt: row.started_at,
      id: row.id,
      entry: {
        callSessionId: row.call_session_id,
        agent: row.agent,
        leg: row.leg,
        recordingId: row.id,
        word: verdict.word,
        reason: isPending ? null : verdict.reason,
        detail,
        from: formatInstant(row.started_at),
        to: formatOrNull(row.ended_at),
        gaps: gaps.map((gap) => ({ ...gap, from: formatInstant(gap.from), to: formatOrNull(gap.to) })),
      },
    };
  }
}

function placeStray(row: StrayRow): PlacedEntry {
  return {
    startedAt: row.from_at,
    id: row.id,
    entry: {
      callSessionId: row.call_session_id,
      agent: row.agent,
      leg: row.leg,
      recordingId: null,
      word: "not-recorded",
      reason: row.reason,
      detail: null,
      from: formatInstant(row.from_at),
      to: formatInstant(row.to_at),
      gaps: [],
    },
  };
}

/** Ids are ULIDs, so code units and bytes have one order. */
function compareNewestFirst(left: ListPosition, right: ListPosition): number {
  if (left.startedAt !== right.startedAt) return right.startedAt - left.startedAt;
  if (left.id === right.id) return 0;
  return left.id < right.id ? 1 : -1;
}

function formatOrNull(at: EpochMs | null): string | null {
  return at === null ? null : formatInstant(at);
}
