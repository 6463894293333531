import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { missingOf } from "../domain/ledger.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { type AuditEntry, auditHash } from "./audit-entry.ts";
import { MIGRATIONS } from "./migrations.ts";
import { gramsOf } from "./text-grams.ts";

/** The adapter's one SQLite file: what was handed off and fetched, what is archived, how far Dynamics was read. */
export type AdapterDatabase = Database.Database & Disposable;

/**
 * Opens the database and brings its schema up to date. A commit is on the disk when it returns (`synchronous=FULL`):
 * a recording is acknowledged to its recorder on the word of this file.
 *
 * @param path - the file, made with its folder when missing; `:memory:` for tests.
 * @throws DeskreelError `DATABASE_TOO_NEW` when a newer adapter has written it.
 */
export function openDatabase(path: string): AdapterDatabase {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  const database = new Database(path);
  try {
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    const known = new Set<string>();
    database.function("new_grams_of", (text) =>
      JSON.stringify(gramsOf(String(text)).filter((gram) => !known.has(gram))),
    );
    database.function("folded_text", (text) => String(text).toLowerCase());
    database.function("missing_of", (manifest) =>
      JSON.stringify(missingOf(JSON.parse(String(manifest)) as Manifest)),
    );
    database.function("audit_hash_of", { varargs: true }, (...values: unknown[]) => {
      const [number, at, who, action, interactionId, detail, sequence, previous] = values;
      const entry = { number, at, who, action, interactionId, detail, sequence, previous };
      return auditHash(entry as Omit<AuditEntry, "sha256">);
    });
    migrate(database, path);
    // Only what was committed before: a transaction that is rolled back takes its pieces with it.
    for (const gram of database.prepare("SELECT gram FROM catalogue_grams").pluck().iterate())
      known.add(String(gram));
  } catch (error) {
    database.close();
    throw error;
  }
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() });
}

/** A database as it is, e.g. beside the adapter that it belongs to, or a copy. */
export function openForReading(path: string): AdapterDatabase {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() });
}

function migrate(database: Database.Database, path: string): void {
  const found = Number(database.pragma("user_version", { simple: true }));
  if (found > MIGRATIONS.length) {
    throw new DeskreelError(
      "DATABASE_TOO_NEW",
      `${path} has schema ${found}, this adapter knows up to ${MIGRATIONS.length}; run the newer adapter again`,
    );
  }
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < found) continue;
    database.transaction(() => {
      database.exec(statements);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}
