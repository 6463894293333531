/** Inspects a call buffer on a thread of its own, once, and tells how far it is. */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import type { EpochMs } from "#shared/time/units.ts";
import { type Inspection, type InspectionProgress, inspectBuffer } from "./buffer-inspection.ts";

/** What the thread is given. */
export interface InspectionOrder {
  folder: string;
  changedBefore: EpochMs;
}

/** What it tells: some of the first, then one of the others. */
export type InspectionMessage = { progress: InspectionProgress } | { done: Inspection } | { fault: string };

const TELL_EVERY_MS = 1_000;

function inspect({ folder, changedBefore }: InspectionOrder): InspectionMessage {
  const catalogue = new Database(join(folder, "catalog.db"), { readonly: true, fileMustExist: true });
  try {
    const walk = inspectBuffer(catalogue, folder, { isDeep: false, changedBefore });
    let toldAt = performance.now();
    for (;;) {
      const step = walk.next();
      if (step.done === true) return { done: step.value };
      if (performance.now() - toldAt < TELL_EVERY_MS) continue;
      toldAt = performance.now();
      tell({ progress: step.value });
    }
  } finally {
    catalogue.close();
  }
}

function tell(message: InspectionMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(message);
}

try {
  tell(inspect(workerData as InspectionOrder));
} catch (error) {
  tell({ fault: error instanceof Error ? error.message : String(error) });
}
