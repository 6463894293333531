import type { EpochMs } from "#shared/time/units.ts";
import type { Attempts } from "../domain/sign-in-lock.ts";
import type { AdapterDatabase } from "./database.ts";

/** So many names and addresses are remembered, however many somebody makes up. */
const REMEMBERED_MOST = 100_000;

/** Failed attempts to sign in, by a hash of whose or from where; a restart of the adapter forgives nothing. */
export class AttemptStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  get(key: string): Attempts | null {
    return (
      this.#database
        .prepare<[string], Attempts>(
          `SELECT failures, last_at AS lastAt, locked_until AS lockedUntil FROM sign_in_attempts WHERE key = ?`,
        )
        .get(key) ?? null
    );
  }

  set(key: string, { failures, lastAt, lockedUntil }: Attempts): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO sign_in_attempts VALUES (?, ?, ?, ?)")
      .run(key, failures, Math.round(lastAt), Math.round(lockedUntil));
  }

  forget(key: string): void {
    this.#database.prepare("DELETE FROM sign_in_attempts WHERE key = ?").run(key);
  }

  /** Drops what is older, and the oldest of too many. */
  prune(before: EpochMs): void {
    this.#database.prepare("DELETE FROM sign_in_attempts WHERE last_at < ?").run(Math.round(before));
    this.#database
      .prepare(
        `DELETE FROM sign_in_attempts WHERE last_at <
           (SELECT last_at FROM sign_in_attempts ORDER BY last_at DESC LIMIT 1 OFFSET ?)`,
      )
      .run(REMEMBERED_MOST);
  }
}
