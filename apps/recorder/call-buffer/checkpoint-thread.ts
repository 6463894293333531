/** Runs checkpoints of the catalogue on a thread of its own, one for each message. */
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

/** What became of a checkpoint: pages in the write-ahead log, and how many of them are in the catalogue's file by now. */
export type CheckpointAnswer = { pages: number; moved: number } | { fault: string };

function checkpoint(path: string): CheckpointAnswer {
  let catalogue: Database.Database | null = null;
  try {
    // Open only for this long, so that the connection that is closed last is never this one.
    catalogue = new Database(path, { fileMustExist: true, timeout: 0 });
    catalogue.pragma("synchronous = FULL");
    const [row] = catalogue.pragma("wal_checkpoint(PASSIVE)") as { log: number; checkpointed: number }[];
    return { pages: row?.log ?? 0, moved: row?.checkpointed ?? 0 };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  } finally {
    catalogue?.close();
  }
}

parentPort?.on("message", () => parentPort?.postMessage(checkpoint(String(workerData))));
