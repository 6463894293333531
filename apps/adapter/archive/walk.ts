import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CHAIN_FOLDER, INTERACTION_LEVELS, PUBLIC_KEY_FILE, VERSION_FOLDER } from "./places.ts";

/** What is in the root beside the years. */
const ROOT_ENTRIES = [CHAIN_FOLDER, PUBLIC_KEY_FILE];

/** A folder of an interaction, and those of its versions by name; absolute. */
export interface InteractionFolder {
  path: string;
  versions: string[];
}

/**
 * Every interaction's folder, in the order of their names, one day's in memory at a time.
 *
 * @param onStray - what is in the way and is no interaction, absolute.
 */
export async function* walkInteractions(
  root: string,
  onStray: (path: string) => void,
): AsyncGenerator<InteractionFolder> {
  for await (const path of walkLevels(root, 0, onStray)) {
    const versions: string[] = [];
    for (const entry of await listEntries(path)) {
      if (entry.isDirectory() && VERSION_FOLDER.test(entry.name)) versions.push(join(path, entry.name));
      else onStray(join(path, entry.name));
    }
    yield { path, versions };
  }
}

async function* walkLevels(
  folder: string,
  level: number,
  onStray: (path: string) => void,
): AsyncGenerator<string> {
  const pattern = INTERACTION_LEVELS[level];
  if (pattern === undefined) {
    yield folder;
    return;
  }
  for (const entry of await listEntries(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && pattern.test(entry.name)) yield* walkLevels(path, level + 1, onStray);
    else if (level > 0 || !ROOT_ENTRIES.includes(entry.name)) onStray(path);
  }
}

/** A folder's entries in the order of their names. */
export async function listEntries(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
