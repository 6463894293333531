import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { MIGRATIONS } from "./schema.ts";

/**
 * How long a statement waits for somebody else's lock on the catalogue. Nobody but this process writes to it, and waiting
 * stops everything: above 2.75 s every stream and desktop would count as lost.
 */
const BUSY_TIMEOUT_MS: DurationMs = 200;

/**
 * Pages of the write-ahead log (4 KiB each) above which a commit of this connection moves them into the catalogue's file
 * itself. That stops everything for as long as the disk needs, so it only happens when the checkpoint thread cannot keep
 * up.
 */
const CHECKPOINT_ANYWAY_PAGES = 65_536;
/** So much of the catalogue is kept in memory, in KiB: the indexes of a million recordings are used all over. */
const CACHE_KIB = 65_536;

/** The catalogue's connection; one per process, so every statement is a transaction of its own or within one. */
export type Catalogue = Database.Database;

/** Whether the catalogue could not take or give data: disk full, read-only, damaged, locked. */
export function isStorageError(error: unknown): error is Error {
  if (error instanceof DeskreelError) return error.code === "CATALOGUE_NOT_FLUSHED";
  return error instanceof Database.SqliteError && !error.code.startsWith("SQLITE_CONSTRAINT");
}

/** A call buffer's folder with its catalogue, held by this process alone. */
export interface OpenBuffer extends Disposable {
  readonly catalogue: Catalogue;
  /** The folder that recordings lie in, absolute. */
  readonly folder: string;
}

/**
 * Opens (or makes) the call buffer: `catalog.db` in WAL mode with `synchronous=FULL`, so that a commit is on the disk
 * when it returns; `GroupCommit` alone has its own way.
 *
 * @throws DeskreelError `BUFFER_UNUSABLE`, `BUFFER_IN_USE`, `BUFFER_TOO_NEW`
 */
export function openBuffer(folder: string): OpenBuffer {
  const lock = lockFolder(folder);
  const path = join(folder, "catalog.db");
  let catalogue: Catalogue | null = null;
  try {
    catalogue = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    catalogue.pragma("journal_mode = WAL");
    catalogue.pragma("synchronous = FULL");
    catalogue.pragma("foreign_keys = ON");
    catalogue.pragma(`wal_autocheckpoint = ${CHECKPOINT_ANYWAY_PAGES}`);
    catalogue.pragma(`cache_size = -${CACHE_KIB}`);
    migrate(catalogue, path);
  } catch (cause) {
    catalogue?.close();
    lock.close();
    if (cause instanceof DeskreelError) throw cause;
    throw new DeskreelError(
      "BUFFER_UNUSABLE",
      `the call buffer's catalogue ${path} cannot be opened; mend it or configure another recorder.bufferDir`,
      { cause },
    );
  }
  const opened = catalogue;
  return {
    catalogue: opened,
    folder,
    [Symbol.dispose]() {
      opened.close();
      lock.close();
    },
  };
}

/**
 * Holds the folder for this process. SQLite's own file lock is used because the system lets go of it whenever and however
 * the process ends; a file with a process id in it would outlive a crash.
 */
function lockFolder(folder: string): Database.Database {
  const path = join(folder, "recorder.lock");
  let lock: Database.Database | null = null;
  try {
    mkdirSync(folder, { recursive: true });
    lock = new Database(path, { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock?.close();
    if (isStorageError(cause) && "code" in cause && cause.code === "SQLITE_BUSY") {
      throw new DeskreelError(
        "BUFFER_IN_USE",
        `another recorder is running on the call buffer ${folder}; stop it or configure another recorder.bufferDir`,
        { cause },
      );
    }
    throw new DeskreelError(
      "BUFFER_UNUSABLE",
      `the call buffer ${folder} cannot be written to; recorder.bufferDir must be a folder that this user may write to`,
      { cause },
    );
  }
}

function migrate(catalogue: Catalogue, path: string): void {
  const found = Number(catalogue.pragma("user_version", { simple: true }));
  if (found > MIGRATIONS.length) {
    throw new DeskreelError(
      "BUFFER_TOO_NEW",
      `${path} has schema ${found}, this recorder knows up to ${MIGRATIONS.length}; run the newer recorder again`,
    );
  }
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < found) continue;
    catalogue.transaction(() => {
      catalogue.exec(statements);
      catalogue.pragma(`user_version = ${index + 1}`);
    })();
  }
}
