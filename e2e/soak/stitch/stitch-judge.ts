import { FolderStorage } from "../../../apps/adapter/archive/storage/folder-storage.ts";
import { verifyArchive } from "../../../apps/adapter/archive/verify-archive.ts";
import { walkInteractions } from "../../../apps/adapter/archive/walk.ts";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";

/** What is in an archive: each finished version, and what is wrong with it. */
export interface ArchiveState {
  manifests: Manifest[];
  /** Of `verify`. */
  faults: string[];
  /** Versions without a manifest. */
  unfinished: string[];
}

/** Reads and verifies an archive that nobody writes. */
export async function readArchive(root: string): Promise<ArchiveState> {
  const storage = new FolderStorage(root);
  const [faults, unfinished]: [string[], string[]] = [[], []];
  await verifyArchive(storage, {
    onFault: (place, fault) => faults.push(`${place} ${fault}`),
    onUnfinished: (place, what) => unfinished.push(`${place} ${what}`),
    onProgress: () => {},
  });
  const manifests: Manifest[] = [];
  for await (const { versions } of walkInteractions(storage, (place) => faults.push(`${place} is stray`))) {
    for (const { place } of versions) {
      const bytes = await storage.read(`${place}/manifest.json`);
      if (bytes !== null) manifests.push(manifestSchema.parse(JSON.parse(bytes.toString())));
    }
  }
  return { manifests, faults, unfinished };
}

/** Whether an interaction has all that its call had. */
export function isWhole({ screens, audio }: Manifest, agents: number): boolean {
  return screens.length === agents && audio?.parts.length === 1;
}

/**
 * What is wrong in the end.
 *
 * @param ids - of the calls that there were.
 * @param listed - ids that the replay's list gave, as often as it gave them.
 */
export function judgeArchive(
  state: ArchiveState,
  ids: readonly string[],
  listed: readonly string[],
): string[] {
  const faults = [...state.faults, ...state.unfinished.map((place) => `${place}: left half made`)];
  for (const id of ids) {
    const versions = state.manifests.filter(({ interactionId }) => interactionId === id);
    const newest = versions.toSorted((a, b) => b.version - a.version)[0];
    if (newest === undefined || !isWhole(newest, 2)) faults.push(`${id} is lost, or a part of it is`);
    // A version is made again only when something came that the one before did not have.
    const contents = versions.map(({ screens, audio }) => `${screens.length}/${audio?.parts.length ?? 0}`);
    if (new Set(contents).size < contents.length) faults.push(`${id} is there twice: ${contents.join(", ")}`);
    const times = listed.filter((one) => one === id).length;
    if (times !== 1) faults.push(`${id} is listed ${times} times`);
  }
  const strangers = listed.filter((id) => !ids.includes(id));
  return [...faults, ...strangers.map((id) => `${id} is listed and never was`)];
}
