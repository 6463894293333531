import { z } from "zod";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { DeskreelError, describeError, isSystemError } from "#shared/runtime/errors.ts";
import { hashStream } from "./hash-bytes.ts";
import { CHAIN_FOLDER, MANIFEST_FILE, PUBLIC_KEY_FILE } from "./places.ts";
import { type PublicKeys, readPublicKeys, renderDocument, sha256Of, signatureFault } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";
import { isStorageFailure } from "./storage/storage-failure.ts";
import { type ChainCounts, ChainVerifier, type SeenDocument } from "./verify-chain.ts";
import { type StoredVersion, walkInteractions } from "./walk.ts";

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
  /** Null: nothing in the archive is signed, so only its files were held against its manifests. */
  chain: ChainCounts | null;
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
  if (!isSigned) return { ...counts, chain: null };
  if (!published.isThere) noteFault(PUBLIC_KEY_FILE, "is missing, the archive is signed");
  const checked = await chain.finish();
  return { ...counts, chain: checked };
}

type NoteFault = (place: string, fault: string) => void;

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

/** @returns null for a version that has no manifest. */
async function verifyVersion(
  storage: ArchiveStorage,
  { place, entries }: StoredVersion,
  keys: PublicKeys | null,
  counts: VerifyCounts,
  noteFault: NoteFault,
): Promise<SeenDocument | null> {
  if (!entries.has(MANIFEST_FILE)) return null;
  counts.versions += 1;
  const manifestPlace = `${place}/${MANIFEST_FILE}`;
  const read = await readManifest(storage, manifestPlace, keys);
  if (read.fault !== null) noteFault(manifestPlace, read.fault);
  const { manifest, sha256 } = read;
  const seen = {
    place: manifestPlace,
    sha256,
    previous: manifest?.previous ?? null,
    isFaulty: read.fault !== null,
  };
  if (manifest === null) return seen;
  const named = `${manifest.interactionId}/v${manifest.version}`;
  if (named !== place.split("/").slice(-2).join("/")) {
    noteFault(place, `holds the manifest of ${manifest.interactionId} version ${manifest.version}`);
  }
  const present = new Map(entries);
  present.delete(MANIFEST_FILE);
  for (const file of manifest.files) {
    const filePlace = `${place}/${file.name}`;
    const entry = present.get(file.name);
    if (!present.delete(file.name)) {
      noteFault(filePlace, "is missing, the manifest lists it");
      continue;
    }
    counts.files += 1;
    if (entry?.kind === "link") {
      noteFault(filePlace, "is a link, the archive holds files only");
      continue;
    }
    const found = await hashStored(storage, filePlace);
    if (typeof found === "string") {
      noteFault(filePlace, `cannot be read: ${found}`);
      continue;
    }
    counts.bytes += found.bytes;
    if (found.bytes !== file.bytes) {
      noteFault(filePlace, `has ${found.bytes} bytes, the manifest says ${file.bytes}`);
    } else if (found.sha256 !== file.sha256) {
      noteFault(filePlace, `has sha256 ${found.sha256}, the manifest says ${file.sha256}`);
    }
  }
  for (const name of present.keys()) noteFault(`${place}/${name}`, "is not listed in the manifest");
  return seen;
}

interface ReadManifest {
  /** Null when it cannot be read as one. */
  manifest: Manifest | null;
  sha256: string;
  fault: string | null;
}

/** @returns as a text: why it cannot be read. */
async function hashStored(
  storage: ArchiveStorage,
  place: string,
): Promise<{ bytes: number; sha256: string } | string> {
  try {
    const stream = await storage.open(place);
    return stream === null ? "it has gone" : await hashStream(stream);
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    return describeError(error);
  }
}

async function readManifest(
  storage: ArchiveStorage,
  place: string,
  keys: PublicKeys | null,
): Promise<ReadManifest> {
  let bytes: Buffer | null;
  let tree: unknown;
  try {
    bytes = await storage.read(place);
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    return { manifest: null, sha256: "", fault: `is not readable: ${describeError(error)}` };
  }
  if (bytes === null) return { manifest: null, sha256: "", fault: "is not readable: it has gone" };
  const sha256 = sha256Of(bytes);
  try {
    tree = JSON.parse(bytes.toString());
  } catch (error) {
    return { manifest: null, sha256, fault: `is not readable: ${describeError(error)}` };
  }
  const parsed = manifestSchema.safeParse(tree);
  if (!parsed.success) {
    const why = z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ");
    return { manifest: null, sha256, fault: `is no manifest: ${why}` };
  }
  const { data: manifest } = parsed;
  const { signature, previous } = manifest;
  if ((signature === undefined) !== (previous === undefined)) {
    return { manifest, sha256, fault: "has only one of signature and previous, the archive writes both" };
  }
  if (signature === undefined) return { manifest, sha256, fault: null };
  // What is signed is what the JSON says; how it is written is fixed too, so that no byte is free.
  if (!bytes.equals(Buffer.from(renderDocument(tree)))) {
    return { manifest, sha256, fault: "is not written as the archive writes manifests" };
  }
  const signed = { ...(tree as Manifest), signature };
  return { manifest, sha256, fault: keys === null ? null : signatureFault(signed, keys) };
}
