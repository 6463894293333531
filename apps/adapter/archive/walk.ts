import { CHAIN_FOLDER, INTERACTION_LEVELS, PUBLIC_KEY_FILE, VERSION_FOLDER } from "./places.ts";
import type { ArchiveStorage, StoredEntry } from "./storage/archive-storage.ts";

/** What is in the root beside the years. */
const ROOT_ENTRIES = [CHAIN_FOLDER, PUBLIC_KEY_FILE];
const LEVELS = INTERACTION_LEVELS.length;

/** A version as it lies in an archive, finished or not. */
export interface StoredVersion {
  place: string;
  /** By their names within the version. */
  entries: Map<string, StoredEntry>;
}

export interface StoredInteraction {
  place: string;
  versions: StoredVersion[];
}

/**
 * Every interaction, one in memory at a time.
 *
 * @param onStray - what is in the way and is no part of an interaction.
 * @param after - the interaction's place that was seen last; undefined: from the first on.
 */
export async function* walkInteractions(
  storage: ArchiveStorage,
  onStray: (place: string) => void,
  after?: string,
): AsyncGenerator<StoredInteraction> {
  let current = null as StoredInteraction | null;
  for await (const entry of storage.walk(after === undefined ? {} : { after })) {
    const names = entry.place.split("/");
    if (ROOT_ENTRIES.includes(names[0] ?? "")) continue;
    const isOnTheWay = INTERACTION_LEVELS.every((pattern, level) => {
      const name = names[level];
      return name === undefined || pattern.test(name);
    });
    if (names.length <= LEVELS && isOnTheWay && entry.kind === "folder") continue;
    const version = names[LEVELS];
    const isVersion = isOnTheWay && version !== undefined && VERSION_FOLDER.test(version);
    if (!isVersion || (names.length === LEVELS + 1 && entry.kind !== "folder")) {
      onStray(entry.place);
      continue;
    }
    const place = names.slice(0, LEVELS).join("/");
    if (current?.place !== place) {
      if (current !== null) yield current;
      current = { place, versions: [] };
    }
    const at = `${place}/${version}`;
    let seen = current.versions.at(-1);
    if (seen?.place !== at) {
      seen = { place: at, entries: new Map() };
      current.versions.push(seen);
    }
    if (names.length > LEVELS + 1) seen.entries.set(names.slice(LEVELS + 1).join("/"), entry);
  }
  if (current !== null) yield current;
}
