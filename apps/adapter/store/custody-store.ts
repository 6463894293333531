import type { ChainEntry } from "#shared/archive/chain.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { AuditStore } from "./audit-store.ts";
import type { AdapterDatabase } from "./database.ts";

type Note = Exclude<ChainEntry["what"], { kind: "adopted" | "audited" }>;

/** Legal holds, deletions and their audit: the archive's chain, followed into tables that can be asked. */
export class CustodyStore {
  readonly #database: AdapterDatabase;
  readonly #audit: AuditStore;

  constructor(database: AdapterDatabase) {
    this.#database = database;
    this.#audit = new AuditStore(database);
  }

  isHeld(interactionId: string): boolean {
    return this.#has("legal_holds", interactionId);
  }

  isDeleted(interactionId: string): boolean {
    return this.#has("deleted_interactions", interactionId);
  }

  /** Takes over what an entry of the chain says; the same entry again changes nothing. */
  apply(note: Note, sequence: number, at: EpochMs): void {
    const { interactionId, by, reason, kind } = note;
    const rounded = Math.round(at);
    if (kind === "held") {
      this.#database
        .prepare("INSERT OR REPLACE INTO legal_holds VALUES (?, ?, ?, ?)")
        .run(interactionId, rounded, by, reason);
    } else {
      this.#database.prepare("DELETE FROM legal_holds WHERE interaction_id = ?").run(interactionId);
    }
    if (kind === "deleted") this.#forget(interactionId, rounded);
    if (this.#audit.hasSequence(sequence)) return;
    this.#audit.note({ at, who: by, action: kind, interactionId, detail: reason, sequence });
  }

  /** Forgets all but the audit, to follow the chain anew. */
  reset(): void {
    this.#database.exec(
      "DELETE FROM legal_holds; DELETE FROM deleted_interactions; DELETE FROM audit_anchors; DELETE FROM watermarks WHERE source = 'archive chain'",
    );
  }

  /** Paths of raw material of an interaction: recordings' ids, and files of audio relative to the data folder. */
  sourcesOf(interactionId: string): { recordings: string[]; audio: string[] } {
    const recordings = this.#database
      .prepare<[string], { id: string }>("SELECT recording_id AS id FROM recordings WHERE interaction_id = ?")
      .all(interactionId);
    const audio = this.#database
      .prepare<[string], { path: string }>(
        `SELECT file ->> 'path' AS path FROM audio_parts WHERE interaction_id = ? AND file IS NOT NULL`,
      )
      .all(interactionId);
    return { recordings: recordings.map(({ id }) => id), audio: audio.map(({ path }) => path) };
  }

  /** Deleted interactions of which more came later, and is here as a whole. */
  listDeletedWithSources(): string[] {
    return this.#database
      .prepare<[], { id: string }>(
        `SELECT interaction_id AS id FROM deleted_interactions WHERE interaction_id IN (
           SELECT interaction_id FROM recordings
           UNION SELECT interaction_id FROM audio_parts WHERE file IS NOT NULL)
         AND interaction_id NOT IN (SELECT interaction_id FROM recordings WHERE handed_off = 0)`,
      )
      .all()
      .map(({ id }) => id);
  }

  /** The rows of sounds stay, or the next look at Dynamics would take them for new. */
  forgetSources(interactionId: string): void {
    this.#database.prepare("DELETE FROM recordings WHERE interaction_id = ?").run(interactionId);
    this.#database.prepare("UPDATE audio_parts SET file = NULL WHERE interaction_id = ?").run(interactionId);
  }

  #forget(interactionId: string, at: EpochMs): void {
    for (const table of ["catalogue", "jobs", "conversations", "notes"]) {
      this.#database.prepare(`DELETE FROM ${table} WHERE interaction_id = ?`).run(interactionId);
    }
    this.forgetSources(interactionId);
    this.#database.prepare("INSERT OR IGNORE INTO deleted_interactions VALUES (?, ?)").run(interactionId, at);
  }

  #has(table: "legal_holds" | "deleted_interactions", interactionId: string): boolean {
    return (
      this.#database.prepare(`SELECT 1 FROM ${table} WHERE interaction_id = ?`).get(interactionId) !==
      undefined
    );
  }
}
