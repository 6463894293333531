import type { EpochMs } from "#shared/time/units.ts";
import type { ArchivedSource } from "../domain/archived-source.ts";
import type { AudioFile } from "../domain/interaction-facts.ts";
import type { AdapterDatabase } from "./database.ts";

/** A row of msdyn_ocrecording as the adapter follows it. */
export interface StoredAudio {
  sourceId: string;
  /** Null while Dynamics does not say which conversation it belongs to. */
  interactionId: string | null;
  /** Of the row at Dynamics. */
  version: string;
  /** `pending`: its file has not come yet; `faulty`: its file cannot be used, and this version never will. */
  state: "pending" | "fetched" | "faulty";
  createdOn: EpochMs;
  firstSeenAt: EpochMs;
  changedAt: EpochMs;
  attempts: number;
  retryAt: EpochMs;
  fault: string | null;
  file: AudioFile | null;
  /** Where its sound is since its file has gone; null: the file is here, or never was. */
  archived: ArchivedSource | null;
}

/** A row as Dynamics lists it. */
export interface AudioRow {
  sourceId: string;
  interactionId: string | null;
  version: string;
  createdOn: EpochMs;
}

interface Columns {
  source_id: string;
  interaction_id: string | null;
  version: string;
  state: StoredAudio["state"];
  created_on: number;
  first_seen_at: number;
  changed_at: number;
  attempts: number;
  retry_at: number;
  fault: string | null;
  file: string | null;
  archived: string | null;
}

/** The audio parts: what Dynamics lists, what was fetched of it, what is wrong with it. */
export class AudioStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  /** @returns whether the row is new or changed; it is then due at once. */
  noteListed(row: AudioRow, now: EpochMs): boolean {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO audio_parts VALUES
           (@sourceId, @interactionId, @version, 'pending', @createdOn, @now, @now, 0, @now, NULL, NULL, NULL)
         ON CONFLICT (source_id) DO UPDATE SET interaction_id = @interactionId, version = @version, attempts = 0,
           retry_at = @now, fault = NULL, state = CASE state WHEN 'faulty' THEN 'pending' ELSE state END
         WHERE excluded.version <> audio_parts.version`,
      )
      .run({ ...row, now: Math.round(now) });
    return changes > 0;
  }

  /** What is to be fetched, or fetched again because its row changed, oldest first. */
  listDue(now: EpochMs): StoredAudio[] {
    return this.#read("WHERE retry_at <= ? ORDER BY created_on, source_id", Math.round(now));
  }

  listOf(interactionId: string): StoredAudio[] {
    return this.#read("WHERE interaction_id = ? ORDER BY created_on, source_id", interactionId);
  }

  /** The parts whose rows were made in a range. */
  listCreated(from: EpochMs, to: EpochMs): StoredAudio[] {
    return this.#read(`WHERE created_on < ${Math.round(to)} AND created_on >= ?`, Math.round(from));
  }

  /** A part that is not here is asked for once more, also when it was given up. */
  makeDue(sourceId: string, now: EpochMs): void {
    this.#database
      .prepare(
        `UPDATE audio_parts SET state = 'pending', fault = NULL, attempts = 0, retry_at = ?
         WHERE source_id = ? AND state <> 'fetched'`,
      )
      .run(Math.round(now), sourceId);
  }

  find(sourceId: string): StoredAudio | null {
    return this.#read("WHERE source_id = ?", sourceId)[0] ?? null;
  }

  /** Whether a file, relative to the data folder, is of a part whose sound is in the archive now. */
  isArchivedFile(path: string): boolean {
    const row = this.#database
      .prepare<[string], { found: number }>(
        "SELECT 1 AS found FROM audio_parts WHERE archived IS NOT NULL AND file ->> 'path' = ?",
      )
      .get(path);
    return row !== undefined;
  }

  countFaulty(): number {
    const row = this.#database
      .prepare<[], { count: number }>("SELECT count(*) AS count FROM audio_parts WHERE state = 'faulty'")
      .get();
    return row?.count ?? 0;
  }

  /** Parts whose file is there at Dynamics, could not be fetched the last time, and is tried again. */
  countFailing(): number {
    const row = this.#database
      .prepare<[number], { count: number }>(
        "SELECT count(*) AS count FROM audio_parts WHERE state <> 'faulty' AND fault IS NOT NULL AND retry_at < ?",
      )
      .get(Number.MAX_SAFE_INTEGER);
    return row?.count ?? 0;
  }

  markFetched(sourceId: string, version: string, file: AudioFile, now: EpochMs): void {
    // A row that changed while its file was fetched stays due: the version no longer fits.
    this.#database
      .prepare(
        `UPDATE audio_parts SET state = 'fetched', fault = NULL, retry_at = @never, attempts = 0,
           changed_at = CASE WHEN state = 'fetched' AND file IS @file THEN changed_at ELSE @now END, file = @file,
           archived = NULL
         WHERE source_id = @sourceId AND version = @version`,
      )
      .run({
        ...{ sourceId, version, file: JSON.stringify(file) },
        ...{ now: Math.round(now), never: Number.MAX_SAFE_INTEGER },
      });
  }

  /** Its file goes: from now on its sound is in the archive. */
  markArchived(sourceId: string, source: ArchivedSource): void {
    this.#database
      .prepare("UPDATE audio_parts SET archived = ? WHERE source_id = ?")
      .run(JSON.stringify(source), sourceId);
  }

  /** A part that only the archive has: its row is made if there is none, and its file is not asked for. */
  adopt(row: AudioRow, file: AudioFile, source: ArchivedSource, now: EpochMs): void {
    const known = this.find(row.sourceId);
    if (known === null) this.noteListed(row, now);
    this.markFetched(row.sourceId, known?.version ?? row.version, file, now);
    this.markArchived(row.sourceId, source);
  }

  /**
   * The part's end: it is listed with the reason, and not tried again unless its row changes. A sound that an earlier
   * version of the row gave stays the part's.
   */
  markFaulty(sourceId: string, version: string, fault: string, now: EpochMs): void {
    this.#database
      .prepare(
        `UPDATE audio_parts SET state = CASE WHEN file IS NULL THEN 'faulty' ELSE 'fetched' END, fault = @fault,
           retry_at = @never, attempts = 0,
           changed_at = CASE WHEN state = 'faulty' OR file IS NOT NULL THEN changed_at ELSE @now END
         WHERE source_id = @sourceId AND version = @version`,
      )
      .run({ sourceId, version, fault, now: Math.round(now), never: Number.MAX_SAFE_INTEGER });
  }

  /** One more attempt failed, or (`fault` null) the file is not there yet. */
  postpone(sourceId: string, version: string, fault: string | null, retryAt: EpochMs): void {
    this.#database
      .prepare(
        "UPDATE audio_parts SET attempts = attempts + 1, retry_at = ?, fault = ? WHERE source_id = ? AND version = ?",
      )
      .run(Math.round(retryAt), fault, sourceId, version);
  }

  #read(condition: string, value: string | number): StoredAudio[] {
    return this.#database
      .prepare<[string | number], Columns>(`SELECT * FROM audio_parts ${condition}`)
      .all(value)
      .map((row) => ({
        sourceId: row.source_id,
        interactionId: row.interaction_id,
        version: row.version,
        state: row.state,
        createdOn: row.created_on,
        firstSeenAt: row.first_seen_at,
        changedAt: row.changed_at,
        attempts: row.attempts,
        retryAt: row.retry_at,
        fault: row.fault,
        file: row.file === null ? null : (JSON.parse(row.file) as AudioFile),
        archived: row.archived === null ? null : (JSON.parse(row.archived) as ArchivedSource),
      }));
  }
}
