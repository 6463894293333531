import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { AdapterStores } from "../store/stores.ts";
import type { InteractionCatalogue } from "./catalogue.ts";
import { MANIFEST_FILE, placeAbove, versionOf } from "./places.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";
import { isStorageFailure } from "./storage/storage-failure.ts";
import { type StoredVersion, walkInteractions } from "./walk.ts";

export interface ReindexCounts {
  interactions: number;
  /** Interactions of the catalogue before that the archive does not have. */
  dropped: number;
  /** Manifests that cannot be read; `verify` says more of them. */
  faults: number;
}

export interface ReindexReport {
  onFault: (place: string, fault: string) => void;
  onProgress: (counts: ReindexCounts) => void;
}

/** So many interactions are one transaction. */
const BATCH = 500;

/**
 * Makes the catalogue say what the archive has, from the archive alone: the newest readable version of each interaction,
 * and nothing else. Done again, or after it was broken off, it comes to the same.
 */
export async function reindexArchive(
  storage: ArchiveStorage,
  catalogue: InteractionCatalogue,
  stores: AdapterStores,
  report: ReindexReport,
): Promise<ReindexCounts> {
  const counts = { interactions: 0, dropped: 0, faults: 0 };
  const found = new Set<string>();
  let batch: { manifest: Manifest; place: string }[] = [];
  const flush = () => {
    stores.transaction(() => {
      for (const { manifest, place } of batch) {
        catalogue.remove(manifest.interactionId);
        catalogue.put(manifest, place);
        stores.jobs.noteArchived(manifest.interactionId, manifest.version, placeAbove(place));
      }
    });
    batch = [];
    report.onProgress(counts);
  };
  for await (const { versions } of walkInteractions(storage, () => {})) {
    const newest = await readNewest(storage, versions, (place, fault) => {
      counts.faults += 1;
      report.onFault(place, fault);
    });
    if (newest === null) continue;
    counts.interactions += 1;
    found.add(newest.manifest.interactionId);
    batch.push(newest);
    if (batch.length >= BATCH) flush();
  }
  flush();
  stores.transaction(() => {
    for (const id of catalogue.listIds()) {
      if (found.has(id)) continue;
      catalogue.remove(id);
      counts.dropped += 1;
    }
  });
  return counts;
}

/** @returns null when no version of an interaction is finished and readable. */
async function readNewest(
  storage: ArchiveStorage,
  versions: readonly StoredVersion[],
  noteFault: (place: string, fault: string) => void,
): Promise<{ manifest: Manifest; place: string } | null> {
  const newestFirst = versions.toSorted((left, right) => versionOf(right.place) - versionOf(left.place));
  for (const { place, entries } of newestFirst) {
    if (!entries.has(MANIFEST_FILE)) continue;
    const at = `${place}/${MANIFEST_FILE}`;
    try {
      const bytes = await storage.read(at);
      if (bytes !== null) return { manifest: manifestSchema.parse(JSON.parse(bytes.toString())), place };
    } catch (error) {
      if (isStorageFailure(error)) throw error;
      noteFault(at, describeError(error).replaceAll(/\s*\n\s*/g, " "));
    }
  }
  return null;
}
