import { z } from "zod";
import { EXPORT_FILE, type ExportDocument, exportSchema } from "#shared/archive/export.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { CHAIN_FOLDER, MANIFEST_FILE, PUBLIC_KEY_FILE } from "./places.ts";
import { type PublicKeys, renderDocument, signatureFault } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";
import { isStorageFailure } from "./storage/storage-failure.ts";
import type { Verified, VerifyCounts } from "./verify-archive.ts";
import { hashStored, type NoteFault, verifyVersion } from "./verify-version.ts";
import { walkInteractions } from "./walk.ts";

interface ExportReport {
  noteFault: NoteFault;
  onProgress: (counts: VerifyCounts) => void;
}

/**
 * Holds an export against `export.json`, which its exporter signed, and its one version against the manifest. The archive's
 * chain is not in an export, so whether anything else is missing cannot be told from it.
 *
 * @param counts - added to; `noteFault` counts the faults in it.
 */
export async function verifyExport(
  storage: ArchiveStorage,
  keys: PublicKeys | null,
  counts: VerifyCounts,
  { noteFault, onProgress }: ExportReport,
): Promise<Verified> {
  const document = await readExport(storage, keys, noteFault);
  const place = document?.place ?? null;
  const listed = new Map(document?.files.map((file) => [file.name, file]));
  if (!listed.has(PUBLIC_KEY_FILE)) noteFault(PUBLIC_KEY_FILE, "is not listed in export.json");
  for (const file of listed.values()) {
    const found = await hashStored(storage, file.name);
    if (typeof found === "string") noteFault(file.name, `cannot be read: ${found}`);
    else if (found.sha256 !== file.sha256 || found.bytes !== file.bytes) {
      noteFault(file.name, `has sha256 ${found.sha256}, export.json says ${file.sha256}`);
    }
  }
  const noteStray = (stray: string) => {
    if (stray !== EXPORT_FILE && !listed.has(stray)) noteFault(stray, "is not listed in export.json");
  };
  for await (const entry of storage.walk({ under: CHAIN_FOLDER })) noteStray(entry.place);
  let isVersionThere = false;
  for await (const { versions } of walkInteractions(storage, noteStray)) {
    counts.interactions += 1;
    for (const version of versions) {
      isVersionThere ||= version.place === place;
      const isListed = version.place === place && listed.has(`${place}/${MANIFEST_FILE}`);
      if (!isListed) noteFault(version.place, "is not the version that export.json names");
      await verifyVersion(storage, version, keys, counts, noteFault);
      onProgress(counts);
    }
  }
  if (place !== null && !isVersionThere) noteFault(place, "is missing, export.json names it");
  const { interactionId, version } = document ?? { interactionId: "(unknown)", version: 0 };
  return { ...counts, chain: null, exported: { interactionId, version } };
}

/** @returns null when it cannot be read as one. */
async function readExport(
  storage: ArchiveStorage,
  keys: PublicKeys | null,
  noteFault: NoteFault,
): Promise<ExportDocument | null> {
  try {
    const bytes = await storage.read(EXPORT_FILE);
    const tree: unknown = JSON.parse(String(bytes));
    const document = exportSchema.parse(tree);
    const isExact = bytes?.equals(Buffer.from(renderDocument(tree))) === true;
    const fault = isExact
      ? keys === null
        ? "cannot be verified without a key"
        : signatureFault(document, keys)
      : "is not written as exports are";
    if (fault !== null) noteFault(EXPORT_FILE, fault);
    return document;
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    const why = error instanceof z.ZodError ? z.prettifyError(error) : describeError(error);
    noteFault(EXPORT_FILE, `is not readable: ${why.replaceAll(/\s*\n\s*/g, " ")}`);
    return null;
  }
}
