import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** Where a data folder has its scratch files, which may be large. */
export function scratchRoot(dataDir: string): string {
  return join(dataDir, "scratch");
}

/** Removes what was left behind when the process died; nothing may be stitching meanwhile. */
export async function clearScratch(dataDir: string): Promise<void> {
  await rm(scratchRoot(dataDir), { recursive: true, force: true });
  await mkdir(scratchRoot(dataDir), { recursive: true });
}

/** A folder of its own for an interaction, which goes with all that is in it when it is disposed. */
export async function openScratch(
  dataDir: string,
  interactionId: string,
): Promise<AsyncDisposable & { path: string }> {
  await mkdir(scratchRoot(dataDir), { recursive: true });
  const path = await mkdtemp(join(scratchRoot(dataDir), `${interactionId}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
