/** Adds up the size of all files in a folder on a thread of its own, once for each message. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";

/** The bytes of all files, or why they cannot be told. */
export type SizeAnswer = { bytes: number } | { fault: string };

/** What goes while it is looked at counts as nothing. */
function sizeOf(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  try {
    return readdirSync(path).reduce((bytes, name) => bytes + sizeOf(join(path, name)), 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}

function measure(): SizeAnswer {
  try {
    return { bytes: sizeOf(String(workerData)) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(measure());
});
