import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isSystemError } from "#shared/runtime/errors.ts";

/**
 * Makes a file have exactly this content, or not be there.
 *
 * @returns whether anything had to be done for it.
 */
export async function keepEntryFile(file: string, content: string | null): Promise<boolean> {
  const before = await readIfThere(file);
  if (before === content) return false;
  if (content === null) {
    await rm(file);
    return true;
  }
  await mkdir(dirname(file), { recursive: true });
  // A session that begins meanwhile reads the one or the other, never half of it.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, content);
  await rename(draft, file);
  return true;
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
}
