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
}

interface Columns {
  version: number;
  plan_hash: string | null;
  folder: string | null;
  attempts: number;
  retry_at: number;
  fault: string | null;
}

const NEW_JOB: Job = { version: 0, planHash: null, folder: null, attempts: 0, retryAt: 0, fault: null };

/** One job per interaction: the version that is archived and what is wrong with the next one. */
export class JobStore {
  readonly #database: AdapterDatabase;
  /** Kept, as a reindex does it for every interaction. */
  readonly #noteArchived: Statement<[{ interactionId: string; version: number; folder: string }]>;

  constructor(database: AdapterDatabase) {
    this.#database = database;
    this.#noteArchived = database.prepare(
      `INSERT INTO jobs VALUES (@interactionId, @version, NULL, @folder, 0, 0, NULL)
       ON CONFLICT (interaction_id) DO UPDATE SET version = max(version, @version), folder = @folder`,
    );
  }

  get(interactionId: string): Job {
    const row = this.#database
      .prepare<[string], Columns>("SELECT * FROM jobs WHERE interaction_id = ?")
      .get(interactionId);
    if (row === undefined) return NEW_JOB;
    const { version, plan_hash, folder, attempts, retry_at, fault } = row;
    return { version, planHash: plan_hash, folder, attempts, retryAt: retry_at, fault };
  }

  put(interactionId: string, job: Job): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO jobs VALUES (@interactionId, @version, @planHash, @folder, @attempts, @retryAt, @fault)`,
      )
      .run({ interactionId, ...job, retryAt: Math.round(job.retryAt) });
  }

  /** What the archive itself says of an interaction; a job that knows more stays as it is. */
  noteArchived(interactionId: string, version: number, folder: string): void {
    this.#noteArchived.run({ interactionId, version, folder });
  }

  /** Everything that is known, archived or not: what has to be looked at after a start. */
  listKnown(): string[] {
    return this.#database
      .prepare<[], { id: string }>(
        `SELECT interaction_id AS id FROM recordings
         UNION SELECT interaction_id FROM audio_parts WHERE interaction_id IS NOT NULL`,
      )
      .all()
      .map((row) => row.id);
  }

  countFailing(): number {
    const row = this.#database
      .prepare<[], { count: number }>("SELECT count(*) AS count FROM jobs WHERE fault IS NOT NULL")
      .get();
    return row?.count ?? 0;
  }
}
