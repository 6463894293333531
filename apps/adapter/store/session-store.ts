import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "./database.ts";

/** Somebody's browser that is signed in. */
export interface Session {
  subject: string;
  /** A hash of the token that was exchanged for it; empty for an account. */
  boundTo: string;
  madeAt: EpochMs;
  seenAt: EpochMs;
}

/** Sessions by the hash of their cookie. */
export class SessionStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  add(tokenHash: string, { subject, boundTo, madeAt, seenAt }: Session): void {
    this.#database
      .prepare("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)")
      .run(tokenHash, subject, boundTo, Math.round(madeAt), Math.round(seenAt));
  }

  get(tokenHash: string): Session | null {
    return (
      this.#database
        .prepare<[string], Session>(
          "SELECT subject, bound_to AS boundTo, made_at AS madeAt, seen_at AS seenAt FROM sessions WHERE token_hash = ?",
        )
        .get(tokenHash) ?? null
    );
  }

  touch(tokenHash: string, at: EpochMs): void {
    this.#database
      .prepare("UPDATE sessions SET seen_at = ? WHERE token_hash = ?")
      .run(Math.round(at), tokenHash);
  }

  end(tokenHash: string): void {
    this.#database.prepare("DELETE FROM sessions WHERE token_hash = ?").run(tokenHash);
  }

  /** Everywhere where the person is signed in. */
  endAllOf(subject: string): void {
    this.#database.prepare("DELETE FROM sessions WHERE subject = ?").run(subject);
  }

  /** Those that nobody can use any more. */
  removeOver(now: EpochMs, lastsMs: DurationMs, idleMs: DurationMs): void {
    this.#database
      .prepare("DELETE FROM sessions WHERE made_at <= ? OR seen_at <= ?")
      .run(Math.round(now - lastsMs), Math.round(now - idleMs));
  }
}
