import type { Statement } from "better-sqlite3";
import type { EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "./database.ts";

/** How far an interaction's archiving is. */
export interface Job {
  /** The newest archived version; 0 before the first. */
  version: number;
  /** Of the plan that this version was made from. */
  planHash: string | null;
  /** Relative to the archive's root; fixed by version 1. */
  folder: string | null;
  /** How often the next version has failed. */
  attempts: number;
  retryAt: EpochMs;
  fault: string | null;
  /** When the newest version was made; 0 when that is not known. */
  archivedAt: EpochMs;
}

interface Columns {
  version: number;
  plan_hash: string | null;
  folder: string | null;
  attempts: number;
  retry_at: number;
  fault: string | null;
  archived_at: number;
}

const NEW_JOB: Job = {
  ...{ version: 0, planHash: null, folder: null, attempts: 0, retryAt: 0, fault: null },
  archivedAt: 0,
};

/** One job per interaction: the version that is archived and what is wrong with the next one. */
export class JobStore {
  readonly #database: AdapterDatabase;
  /** Kept, as a reindex does it for every interaction. */
  readonly #noteArchived: Statement<[{ interactionId: string; version: number; folder: string }]>;

  constructor(database: AdapterDatabase) {
    this.#database = database;
    this.#noteArchived = database.prepare(
      `INSERT INTO jobs VALUES (@interactionId, @version, NULL, @folder, 0, 0, NULL, 0, 0)
       ON CONFLICT (interaction_id) DO UPDATE SET version = max(version, @version), folder = @folder,
         plan_hash = CASE WHEN @version > version THEN NULL ELSE plan_hash END`,
    );
  }

  get(interactionId: string): Job {
    const row = this.#database
      .prepare<[string], Columns>("SELECT * FROM jobs WHERE interaction_id = ?")
      .get(interactionId);
    if (row === undefined) return NEW_JOB;
    const { version, plan_hash, folder, attempts, retry_at, fault, archived_at } = row;
    return {
      ...{ version, folder, attempts, fault },
      ...{ planHash: plan_hash, retryAt: retry_at, archivedAt: archived_at },
    };
  }

  put(interactionId: string, job: Job): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO jobs
           VALUES (@interactionId, @version, @planHash, @folder, @attempts, @retryAt, @fault, @archivedAt, 0)`,
      )
      .run({
        ...{ interactionId, ...job },
        ...{ retryAt: Math.round(job.retryAt), archivedAt: Math.round(job.archivedAt) },
      });
  }

  /** The newest version is made from all that is here now; this holds until any of it changes. */
  settle(interactionId: string): void {
    this.#database.prepare("UPDATE jobs SET settled = 1 WHERE interaction_id = ?").run(interactionId);
  }

  /**
   * What the archive itself says of an interaction; a job that knows more stays as it is. What a version that was not
   * known was made from is not known either.
   */
  noteArchived(interactionId: string, version: number, folder: string): void {
    this.#noteArchived.run({ interactionId, version, folder });
  }

  /** What has to be looked at after a start: all that is known and whose newest version may lack some of it. */
  listUnsettled(): string[] {
    return this.#database
      .prepare<[], { id: string }>(
        `SELECT id FROM (SELECT interaction_id AS id FROM recordings
           UNION SELECT interaction_id FROM audio_parts WHERE interaction_id IS NOT NULL)
         WHERE id NOT IN (SELECT interaction_id FROM jobs WHERE settled = 1)`,
      )
      .all()
      .map((row) => row.id);
  }

  /** Archived interactions of which a source's file is still here and the newest version was made before an instant. */
  listWithSources(madeBefore: EpochMs): string[] {
    return this.#database
      .prepare<{ madeBefore: number }, { id: string }>(
        `SELECT interaction_id AS id FROM (
           SELECT interaction_id FROM segments JOIN recordings USING (recording_id) WHERE archived IS NULL
           UNION SELECT interaction_id FROM audio_parts WHERE file IS NOT NULL AND archived IS NULL)
         JOIN jobs USING (interaction_id)
         WHERE version > 0 AND plan_hash IS NOT NULL AND archived_at <= @madeBefore`,
      )
      .all({ madeBefore: Math.round(madeBefore) })
      .map((row) => row.id);
  }

  countFailing(): number {
    const row = this.#database
      .prepare<[], { count: number }>("SELECT count(*) AS count FROM jobs WHERE fault IS NOT NULL")
      .get();
    return row?.count ?? 0;
  }
}
