import type { Statement } from "better-sqlite3";
import type { AdapterDatabase } from "./database.ts";

/** How far a reindex has come. */
export interface ReindexRun {
  /** The interaction's place that was taken over last; null: none yet. */
  after: string | null;
  interactions: number;
  /** Manifests that could not be read. */
  faults: { place: string; fault: string }[];
}

/** A reindex under way, which a kill does not end. */
export class ReindexStore {
  readonly #database: AdapterDatabase;
  /** Kept, as it is done for every interaction of the archive. */
  readonly #noteSeen: Statement<[string]>;

  constructor(database: AdapterDatabase) {
    this.#database = database;
    this.#noteSeen = database.prepare("DELETE FROM reindex_unseen WHERE interaction_id = ?");
  }

  /** @returns null when none of this archive is under way. */
  find(root: string): ReindexRun | null {
    const run = this.#database
      .prepare<[string], Omit<ReindexRun, "faults">>(
        "SELECT after, interactions FROM reindex_run WHERE root = ?",
      )
      .get(root);
    if (run === undefined) return null;
    const faults = this.#database.prepare<[], { place: string; fault: string }>(
      "SELECT place, fault FROM reindex_faults ORDER BY rowid",
    );
    return { ...run, faults: faults.all() };
  }

  /** Begins anew, whatever was under way. */
  begin(root: string): void {
    this.end();
    this.#database.exec("INSERT INTO reindex_unseen SELECT interaction_id FROM catalogue");
    this.#database.prepare("INSERT INTO reindex_run VALUES (1, ?, NULL, 0)").run(root);
  }

  noteSeen(interactionId: string): void {
    this.#noteSeen.run(interactionId);
  }

  noteFault(place: string, fault: string): void {
    this.#database.prepare("INSERT OR REPLACE INTO reindex_faults VALUES (?, ?)").run(place, fault);
  }

  /** Everything up to this place is taken over. */
  advance(after: string, interactions: number): void {
    this.#database
      .prepare("UPDATE reindex_run SET after = ?, interactions = interactions + ?")
      .run(after, interactions);
  }

  /** Takes out of the catalogue what was there at the beginning and was not found; returns how many those are. */
  dropUnseen(): number {
    const { changes } = this.#database
      .prepare("DELETE FROM catalogue WHERE interaction_id IN (SELECT interaction_id FROM reindex_unseen)")
      .run();
    this.#database.exec("DELETE FROM reindex_unseen");
    return changes;
  }

  end(): void {
    this.#database.exec("DELETE FROM reindex_run; DELETE FROM reindex_faults; DELETE FROM reindex_unseen");
  }
}
