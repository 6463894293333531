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
  onResume: (after: string, interactions: number) => void;
  onFault: (place: string, fault: string) => void;
  /** @param at - the interaction's place that was taken over last. */
  onProgress: (interactions: number, at: string) => void;
}

/** So many interactions are one transaction, or what came in so long a time: a kill costs no more than that. */
const BATCH = 500;
const BATCH_MS = 2_000;

interface Found {
  place: string;
  /** Null: no version is finished and readable. */
  newest: { manifest: Manifest; place: string } | null;
  faults: { place: string; fault: string }[];
}

/**
 * Makes the catalogue say what the archive has, from the archive alone: the newest readable version of each interaction,
 * and nothing else. Done again it comes to the same; one that was broken off goes on where it was, also if the adapter
 * has run meanwhile: what that has archived it has put into the catalogue itself.
 *
 * @param isAnew - begin at the beginning, whatever was broken off.
 */
export async function reindexArchive(
  storage: ArchiveStorage,
  catalogue: InteractionCatalogue,
  stores: AdapterStores,
  report: ReindexReport,
  isAnew: boolean,
): Promise<ReindexCounts> {
  const before = isAnew ? null : stores.reindex.find(storage.root);
  if (before === null) stores.transaction(() => stores.reindex.begin(storage.root));
  const counts = { interactions: before?.interactions ?? 0, dropped: 0, faults: before?.faults.length ?? 0 };
  const after = before?.after ?? undefined;
  if (before !== null && after !== undefined) report.onResume(after, before.interactions);
  for (const { place, fault } of before?.faults ?? []) report.onFault(place, fault);
  let batch: Found[] = [];
  let flushedAt = performance.now();
  const flush = () => {
    const last = batch.at(-1);
    if (last === undefined) return;
    stores.transaction(() => takeOver(batch, last.place, catalogue, stores));
    batch = [];
    flushedAt = performance.now();
    report.onProgress(counts.interactions, last.place);
  };
  for await (const { place, versions } of walkInteractions(storage, () => {}, after)) {
    const faults: Found["faults"] = [];
    const newest = await readNewest(storage, versions, (at, fault) => {
      faults.push({ place: at, fault });
      report.onFault(at, fault);
    });
    counts.faults += faults.length;
    if (newest !== null) counts.interactions += 1;
    batch.push({ place, newest, faults });
    if (batch.length >= BATCH || performance.now() - flushedAt >= BATCH_MS) flush();
  }
  flush();
  stores.transaction(() => {
    counts.dropped = stores.reindex.dropUnseen();
  });
  return counts;
}

function takeOver(
  batch: readonly Found[],
  last: string,
  catalogue: InteractionCatalogue,
  stores: AdapterStores,
): void {
  let interactions = 0;
  for (const { newest, faults } of batch) {
    for (const { place, fault } of faults) stores.reindex.noteFault(place, fault);
    if (newest === null) continue;
    const { manifest, place } = newest;
    catalogue.remove(manifest.interactionId);
    catalogue.put(manifest, place);
    stores.jobs.noteArchived(manifest.interactionId, manifest.version, placeAbove(place));
    stores.reindex.noteSeen(manifest.interactionId);
    interactions += 1;
  }
  stores.reindex.advance(last, interactions);
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
