import { type AuditAnchor, type AuditEntry, type AuditNote, auditHash } from "./audit-entry.ts";
import type { AdapterDatabase } from "./database.ts";

const COLUMNS =
  "number, at, who, action, interaction_id AS interactionId, detail, sequence, previous, sha256";

/** The audit log: what was done to and with interactions and the adapter. It is only added to, and each entry has the hash of the one before. */
export class AuditStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  /** On the disk when it returns, but for a caller's transaction. */
  note({ at, who, action, interactionId, detail, sequence }: AuditNote): void {
    const newest = this.newest();
    const entry = {
      number: (newest?.number ?? 0) + 1,
      ...{ at: Math.round(at), who, action, interactionId, detail, sequence },
      previous: newest?.sha256 ?? null,
    };
    this.#database
      .prepare(
        `INSERT INTO audit_log
         VALUES (@number, @at, @who, @action, @interactionId, @detail, @sequence, @previous, @sha256)`,
      )
      .run({ ...entry, sha256: auditHash(entry) });
  }

  /** Whether an entry of the archive's chain is noted already. */
  hasSequence(sequence: number): boolean {
    return this.#database.prepare("SELECT 1 FROM audit_log WHERE sequence = ?").get(sequence) !== undefined;
  }

  /** Null: nothing was noted yet. */
  newest(): AuditEntry | null {
    return (
      this.#database
        .prepare<[], AuditEntry>(`SELECT ${COLUMNS} FROM audit_log ORDER BY number DESC LIMIT 1`)
        .get() ?? null
    );
  }

  /** Newest first. @param before - the last one of the page before; null: the first page. */
  list(limit: number, before: number | null): { rows: AuditEntry[]; next: number | null } {
    const rows = this.#database
      .prepare<[number, number], AuditEntry>(
        `SELECT ${COLUMNS} FROM audit_log WHERE number < ? ORDER BY number DESC LIMIT ?`,
      )
      .all(before ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const page = rows.slice(0, limit);
    return { rows: page, next: rows.length > limit ? (page.at(-1)?.number ?? null) : null };
  }

  /** What was done to one interaction, newest first. @param actions - only these; null: all. */
  listOf(interactionId: string, actions: readonly string[] | null, limit: number): AuditEntry[] {
    return this.#database
      .prepare<unknown[], AuditEntry>(
        `SELECT ${COLUMNS} FROM audit_log WHERE interaction_id = @interactionId
           AND (@actions IS NULL OR action IN (SELECT value FROM json_each(@actions)))
         ORDER BY number DESC LIMIT @limit`,
      )
      .all({ interactionId, limit, actions: actions === null ? null : JSON.stringify(actions) });
  }

  /** In the order in which they were noted. */
  read(after: number, limit: number): AuditEntry[] {
    return this.#database
      .prepare<[number, number], AuditEntry>(
        `SELECT ${COLUMNS} FROM audit_log WHERE number > ? ORDER BY number LIMIT ?`,
      )
      .all(after, limit);
  }

  /** What the archive's chain has signed of this log, as far as the chain was followed. */
  listAnchors(): AuditAnchor[] {
    return this.#database
      .prepare<[], AuditAnchor>("SELECT sequence, entries, sha256 FROM audit_anchors ORDER BY sequence")
      .all();
  }

  addAnchor({ sequence, entries, sha256 }: AuditAnchor): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO audit_anchors VALUES (?, ?, ?)")
      .run(sequence, entries, sha256);
  }
}
