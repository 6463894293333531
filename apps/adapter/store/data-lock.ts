import { join } from "node:path";
import Database from "better-sqlite3";
import { DeskreelError } from "#shared/runtime/errors.ts";

/**
 * Makes sure that one program at a time works on the adapter's data and archive. It is SQLite's own lock of a file, which
 * the system gives back when the program ends, however that comes.
 *
 * @param dataDir - is there already.
 * @throws DeskreelError `ADAPTER_RUNS` when another program has it.
 */
export function lockData(dataDir: string): Disposable {
  const path = join(dataDir, "adapter.lock");
  const lock = new Database(path, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    if (!(cause instanceof Database.SqliteError) || cause.code !== "SQLITE_BUSY") throw cause;
    const message = `an adapter, or a command of it, works on ${dataDir}; stop it first`;
    throw new DeskreelError("ADAPTER_RUNS", message, { cause });
  }
  return { [Symbol.dispose]: () => void lock.close() };
}
