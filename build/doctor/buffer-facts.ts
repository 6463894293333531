import type Database from "better-sqlite3";
import { ClockShift } from "../../apps/recorder/call-buffer/keeping-clock.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";

const HOUR_MS: DurationMs = 3_600_000;
const DAY_MS: DurationMs = 24 * HOUR_MS;

/** What a call buffer's catalogue tells about its load and its hand-off. */
export interface BufferFacts {
  /** Different monitors in the recordings of the last seven days. */
  screens: number;
  /** Bytes of segments that began in the last 24 hours, by what hours there are of them. */
  bytesPerHour: number;
  recordings: { open: number; waiting: number };
  /** Of recordings that no adapter has. */
  waitingBytes: number;
  /** The one that has waited longest for an adapter. */
  oldestWaiting: { id: string; endedAt: EpochMs } | null;
  /** Recordings that an adapter has refused. */
  refused: { id: string; nacks: number; reason: string | null }[];
  /** Handed-off recordings whose files are still there: how long ago they were acknowledged, and their bytes. */
  acknowledged: { agoMs: DurationMs; bytes: number }[];
}

interface LoadRow {
  screens: number;
  recentBytes: number | null;
  recentFrom: EpochMs | null;
  open: number;
  waiting: number;
  waitingBytes: number | null;
}

interface LoadRow {
  screens: number;
  recentBytes: number | null;
  recentFrom: EpochMs | null;
  open: number;
  waiting: number;
  waitingBytes: number | null;
}

/** Reads them; each statement is a short read transaction. */
export function readBufferFacts(catalogue: Database.Database, now: EpochMs): BufferFacts {
  const bytesOf = "coalesce((SELECT sum(bytes) FROM segments WHERE recording_id = recordings.id), 0)";
  const waits = "phase = 'sealed' AND acked_revision < revision";
  const row = catalogue
    .prepare<{ week: EpochMs; day: EpochMs }, LoadRow>(
      `SELECT
         (SELECT count(*) FROM (SELECT DISTINCT desktop, display FROM recordings
            JOIN tracks ON recording_id = recordings.id WHERE started_at > @week)) AS screens,
         (SELECT sum(bytes) FROM recordings JOIN segments ON recording_id = recordings.id
            WHERE recordings.started_at > @day) AS recentBytes,
         (SELECT min(segments.started_at) FROM recordings JOIN segments ON recording_id = recordings.id
            WHERE recordings.started_at > @day) AS recentFrom,
         (SELECT count(*) FROM recordings WHERE ended_at IS NULL) AS open,
         (SELECT count(*) FROM recordings WHERE ${waits}) AS waiting,
         (SELECT sum(${bytesOf}) FROM recordings WHERE ${waits} AND erased_at IS NULL) AS waitingBytes`,
    )
    .get({ week: now - 7 * DAY_MS, day: now - DAY_MS });
  if (row === undefined) throw new Error("the catalogue answers nothing");
  const hours = row.recentFrom === null ? 1 : Math.max(1, Math.min(24, (now - row.recentFrom) / HOUR_MS));
  return {
    screens: row.screens,
    bytesPerHour: (row.recentBytes ?? 0) / hours,
    recordings: { open: row.open, waiting: row.waiting },
    waitingBytes: row.waitingBytes ?? 0,
    oldestWaiting:
      catalogue
        .prepare<[], { id: string; endedAt: EpochMs }>(
          `SELECT id, ended_at AS endedAt FROM recordings WHERE ${waits} ORDER BY ended_at LIMIT 1`,
        )
        .get() ?? null,
    refused: catalogue
      .prepare<[], BufferFacts["refused"][number]>(
        `SELECT id, nacks, nack_reason AS reason FROM recordings WHERE nacks > 0 AND ${waits}
         ORDER BY nacks DESC, id LIMIT 100`,
      )
      .all(),
    acknowledged: catalogue
      .prepare<[EpochMs], BufferFacts["acknowledged"][number]>(
        `SELECT ? - acked_at AS agoMs, ${bytesOf} AS bytes FROM recordings
         WHERE acked_at IS NOT NULL AND erased_at IS NULL AND acked_revision >= revision AND phase = 'sealed'`,
      )
      .all(now - readClockShift(catalogue)),
  };
}

/** Acknowledgements are dated as if the clock had never been set; older catalogues know nothing of it. */
function readClockShift(catalogue: Database.Database): DurationMs {
  const isKnown =
    catalogue.prepare("SELECT 1 FROM sqlite_master WHERE name = 'keeping_clock'").get() !== undefined;
  return isKnown ? new ClockShift(catalogue).ms : 0;
}
