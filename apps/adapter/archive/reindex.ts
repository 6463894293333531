import { readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { describeError, isSystemError } from "#shared/runtime/errors.ts";
import type { AdapterStores } from "../store/stores.ts";
import type { InteractionCatalogue } from "./catalogue.ts";
import { MANIFEST_FILE } from "./places.ts";
import { walkInteractions } from "./walk.ts";

export interface ReindexCounts {
  interactions: number;
  /** Interactions of the catalogue before that the archive does not have. */
  dropped: number;
  /** Manifests that cannot be read; `verify` says more of them. */
  faults: number;
}

export interface ReindexReport {
  onFault: (path: string, fault: string) => void;
  onProgress: (counts: ReindexCounts) => void;
}

/** So many interactions are one transaction. */
const BATCH = 500;

/**
 * Makes the catalogue say what the archive has, from the archive alone: the newest readable version of each interaction,
 * and nothing else. Done again, or after it was broken off, it comes to the same.
 *
 * @param root - the archive's folder.
 */
export async function reindexArchive(
  root: string,
  catalogue: InteractionCatalogue,
  stores: AdapterStores,
  report: ReindexReport,
): Promise<ReindexCounts> {
  const counts = { interactions: 0, dropped: 0, faults: 0 };
  const found = new Set<string>();
  let batch: { manifest: Manifest; folder: string; interactionFolder: string }[] = [];
  const flush = () => {
    stores.transaction(() => {
      for (const { manifest, folder, interactionFolder } of batch) {
        catalogue.remove(manifest.interactionId);
        catalogue.put(manifest, folder);
        stores.jobs.noteArchived(manifest.interactionId, manifest.version, interactionFolder);
      }
    });
    batch = [];
    report.onProgress(counts);
  };
  for await (const { path, versions } of walkInteractions(root, () => {})) {
    const newest = await readNewest(versions, (place, fault) => {
      counts.faults += 1;
      report.onFault(relative(root, place), fault);
    });
    if (newest === null) continue;
    counts.interactions += 1;
    found.add(newest.manifest.interactionId);
    batch.push({ ...newest, interactionFolder: relative(root, path) });
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
  versions: readonly string[],
  noteFault: (path: string, fault: string) => void,
): Promise<{ manifest: Manifest; folder: string } | null> {
  const newestFirst = [...versions].sort((left, right) => versionOf(right) - versionOf(left));
  for (const folder of newestFirst) {
    const path = join(folder, MANIFEST_FILE);
    try {
      return { manifest: manifestSchema.parse(JSON.parse(await readFile(path, "utf8"))), folder };
    } catch (error) {
      if (!isSystemError(error, "ENOENT")) noteFault(path, describeError(error).replaceAll(/\s*\n\s*/g, " "));
    }
  }
  return null;
}

function versionOf(folder: string): number {
  return Number(basename(folder).slice(1));
}
