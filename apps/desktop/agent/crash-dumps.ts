import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isSystemError } from "#shared/runtime/errors.ts";

/**
 * Removes all but the newest crash dumps of a folder, wherever Crashpad has put them below it. A dump is the memory of a
 * process: as few as possible are kept.
 *
 * @returns the dumps that stay, the newest first.
 */
export async function pruneCrashDumps(folder: string, keep: number): Promise<string[]> {
  const dumps: { path: string; writtenAt: number }[] = [];
  for (const name of await listIfThere(folder)) {
    if (!name.endsWith(".dmp")) continue;
    const path = join(folder, name);
    const writtenAt = await writtenIfThere(path);
    if (writtenAt !== null) dumps.push({ path, writtenAt });
  }
  dumps.sort((one, other) => other.writtenAt - one.writtenAt);
  for (const { path } of dumps.slice(keep)) {
    await rm(path, { force: true });
    await rm(path.replace(/\.dmp$/, ".meta"), { force: true });
  }
  return dumps.slice(0, keep).map(({ path }) => path);
}

async function listIfThere(folder: string): Promise<string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}

/** null when Crashpad has moved it meanwhile. */
async function writtenIfThere(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
}
