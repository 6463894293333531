import { EXPORT_FILE } from "#shared/archive/export.ts";
import { DeskreelError, describeError, isSystemError } from "#shared/runtime/errors.ts";
import { CHAIN_FOLDER, CHAIN_HEAD_PLACE, PUBLIC_KEY_FILE } from "./places.ts";
import { type PublicKeys, readPublicKeys } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";
import { isStorageFailure } from "./storage/storage-failure.ts";
import { type ChainCounts, ChainVerifier } from "./verify-chain.ts";
import { verifyExport } from "./verify-export.ts";
import { type NoteFault, verifyVersion } from "./verify-version.ts";
import { walkInteractions } from "./walk.ts";

/** What a verification found so far. */
export interface VerifyCounts {
  interactions: number;
  versions: number;
  files: number;
  bytes: number;
  faults: number;
  /** Versions without manifest: a crash or a job under way left them, which is no fault. */
  unfinished: number;
}

export interface VerifyReport {
  /** A file is changed, missing or unlisted, a manifest is not readable or not signed, or the chain is broken. */
  onFault: (place: string, fault: string) => void;
  /** What a crash or a job under way left, which is no fault. */
  onUnfinished: (place: string, what: string) => void;
  /** After each version. */
  onProgress: (counts: VerifyCounts) => void;
}

/** What a verification found in the end. */
export interface Verified extends VerifyCounts {
  /** Null: nothing in the archive is signed, so only its files were held against its manifests; or it is an export. */
  chain: ChainCounts | null;
  /** What it is an export of; null: it is an archive. */
  exported: { interactionId: string; version: number } | null;
}

/**
 * Holds every version of every interaction of an archive against its manifest, and the manifests against their
 * signatures and the archive's chain. Works on a copy of the archive; nothing else is needed.
 *
 * @param trusted - the keys that may have signed; null: those that the archive itself publishes, which proves that it
 *   is consistent, and by whom it was signed only to those who know the key's id.
 * @throws when a folder or the bucket cannot be read: then nothing is known of what is in it.
 */
export async function verifyArchive(
  storage: ArchiveStorage,
  report: VerifyReport,
  trusted: PublicKeys | null = null,
): Promise<Verified> {
  const counts = { interactions: 0, versions: 0, files: 0, bytes: 0, faults: 0, unfinished: 0 };
  const noteFault: NoteFault = (place, fault) => {
    counts.faults += 1;
    report.onFault(place, fault);
  };
  const published = await readPublished(storage, trusted, noteFault);
  const keys = trusted ?? published.keys;
  const isExport = (await isThere(storage, EXPORT_FILE)) && !(await isThere(storage, CHAIN_HEAD_PLACE));
  if (isExport)
    return await verifyExport(storage, keys, counts, { noteFault, onProgress: report.onProgress });
  const chain = await ChainVerifier.begin(storage, keys, { noteFault, onUnfinished: report.onUnfinished });
  const noteStray = (place: string) => {
    noteFault(
      place,
      place.split("/").length < 5 ? "does not belong into an archive" : "is not listed in any manifest",
    );
  };
  for await (const { versions } of walkInteractions(storage, noteStray)) {
    counts.interactions += 1;
    for (const version of versions) {
      const seen = await verifyVersion(storage, version, keys, counts, noteFault);
      if (seen === null) {
        counts.unfinished += 1;
        report.onUnfinished(version.place, "has no manifest");
      } else {
        chain.see(seen);
      }
      report.onProgress(counts);
    }
  }
  const isSigned =
    trusted !== null || published.isThere || chain.hasSignedManifests() || (await hasChain(storage));
  if (!isSigned) return { ...counts, chain: null, exported: null };
  if (!published.isThere) noteFault(PUBLIC_KEY_FILE, "is missing, the archive is signed");
  const checked = await chain.finish();
  return { ...counts, chain: checked, exported: null };
}

async function isThere(storage: ArchiveStorage, place: string): Promise<boolean> {
  return (await storage.size(place)) !== null;
}

async function hasChain(storage: ArchiveStorage): Promise<boolean> {
  for await (const _entry of storage.walk({ under: CHAIN_FOLDER })) return true;
  return false;
}

/** The archive's own file of keys; null when it is not there or not readable, of which the latter is noted. */
async function readPublished(
  storage: ArchiveStorage,
  trusted: PublicKeys | null,
  noteFault: NoteFault,
): Promise<{ isThere: boolean; keys: PublicKeys | null }> {
  try {
    const bytes = await storage.read(PUBLIC_KEY_FILE);
    if (bytes === null) return { isThere: false, keys: null };
    const keys = readPublicKeys(bytes.toString(), "it");
    const foreign = trusted === null ? [] : [...keys.keys()].filter((id) => !trusted.has(id));
    if (foreign.length > 0) {
      const valid = [...(trusted?.keys() ?? [])].join(" or ");
      noteFault(PUBLIC_KEY_FILE, `has the key ${foreign.join(", ")}, valid is ${valid}`);
    }
    return { isThere: true, keys };
  } catch (error) {
    const isOurs = error instanceof DeskreelError || isSystemError(error, "EISDIR");
    if (isStorageFailure(error) || !isOurs) throw error;
    noteFault(PUBLIC_KEY_FILE, `cannot be used: ${describeError(error)}`);
    return { isThere: true, keys: null };
  }
}
