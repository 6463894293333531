import type { EpochMs } from "#shared/time/units.ts";
import type { Catalogue } from "./database.ts";

/** A token that desktops may enrol with; itself it is not stored. */
export interface EnrollmentToken {
  id: string;
  /** What for, in the words of whoever asked for it. */
  note: string;
  expiresAt: EpochMs;
  /** Null: as many as there are. */
  usesLeft: number | null;
}

interface TokenRow {
  id: string;
  note: string;
  expires_at: EpochMs;
  uses_left: number | null;
}

/** The enrolment tokens that were made, by their hashes. */
export class EnrollmentTokenStore {
  readonly #insert;
  readonly #byHash;
  readonly #note;
  readonly #use;

  constructor(catalogue: Catalogue) {
    this.#insert = catalogue.prepare(
      `INSERT INTO enrollment_tokens (id, hash, note, made_at, made_by, expires_at, uses_left)
       VALUES (@id, @hash, @note, @madeAt, @madeBy, @expiresAt, @usesLeft)`,
    );
    this.#byHash = catalogue.prepare<[string], TokenRow>(
      "SELECT id, note, expires_at, uses_left FROM enrollment_tokens WHERE hash = ?",
    );
    this.#note = catalogue.prepare<[string], { note: string }>(
      "SELECT note FROM enrollment_tokens WHERE id = ?",
    );
    this.#use = catalogue.prepare(
      "UPDATE enrollment_tokens SET uses_left = uses_left - 1 WHERE id = ? AND uses_left > 0",
    );
  }

  add(token: EnrollmentToken & { hash: string; madeAt: EpochMs; madeBy: string }): void {
    this.#insert.run(token);
  }

  findByHash(hash: string): EnrollmentToken | null {
    const row = this.#byHash.get(hash);
    if (row === undefined) return null;
    return { id: row.id, note: row.note, expiresAt: row.expires_at, usesLeft: row.uses_left };
  }

  /** What a token was for; null: there is no such token. */
  noteOf(id: string): string | null {
    return this.#note.get(id)?.note ?? null;
  }

  /** One use less is left, where they are counted. */
  use(id: string): void {
    this.#use.run(id);
  }
}
