import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { DeskreelError, describeError, isSystemError } from "#shared/runtime/errors.ts";
import { hashFile } from "./hash-file.ts";
import { CHAIN_FOLDER, MANIFEST_FILE, PUBLIC_KEY_FILE, toPlace } from "./places.ts";
import { type PublicKeys, readPublicKeys, renderDocument, sha256Of, signatureFault } from "./signing-key.ts";
import { type ChainCounts, ChainVerifier, type SeenDocument } from "./verify-chain.ts";
import { listEntries, walkInteractions } from "./walk.ts";

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
 * signatures and the archive's chain. Works on a copy of the archive's folder; nothing else is needed.
 *
 * @param root - the archive's folder.
 * @param trusted - the keys that may have signed; null: those that the archive itself publishes, which proves that it
 *   is consistent, and by whom it was signed only to those who know the key's id.
 * @throws when a folder cannot be read: then nothing is known of what is in it.
 */
export async function verifyArchive(
  root: string,
  report: VerifyReport,
  trusted: PublicKeys | null = null,
): Promise<Verified> {
  const counts = { interactions: 0, versions: 0, files: 0, bytes: 0, faults: 0, unfinished: 0 };
  const noteFault: NoteFault = (place, fault) => {
    counts.faults += 1;
    report.onFault(place, fault);
  };
  const entries = new Set((await listEntries(root)).map(({ name }) => name));
  const published = await readPublished(root, trusted, noteFault);
  const keys = trusted ?? published;
  const chain = await ChainVerifier.begin(root, keys, { noteFault, onUnfinished: report.onUnfinished });
  const noteStray = (path: string) => {
    const place = toPlace(relative(root, path));
    noteFault(
      place,
      place.split("/").length < 5 ? "does not belong into an archive" : "is not listed in any manifest",
    );
  };
  for await (const { versions } of walkInteractions(root, noteStray)) {
    counts.interactions += 1;
    for (const folder of versions) {
      const place = toPlace(relative(root, folder));
      const seen = await verifyVersion(folder, place, keys, counts, noteFault);
      if (seen === null) {
        counts.unfinished += 1;
        report.onUnfinished(place, "has no manifest");
      } else {
        chain.see(seen);
      }
      report.onProgress(counts);
    }
  }
  const isSigned =
    trusted !== null || published !== null || entries.has(CHAIN_FOLDER) || chain.hasSignedManifests();
  if (!isSigned) return { ...counts, chain: null };
  if (!entries.has(PUBLIC_KEY_FILE)) noteFault(PUBLIC_KEY_FILE, "is missing, the archive is signed");
  const checked = await chain.finish();
  return { ...counts, chain: checked };
}

type NoteFault = (place: string, fault: string) => void;

/** The archive's own file of keys; null when it is not there or not readable, of which the latter is noted. */
async function readPublished(
  root: string,
  trusted: PublicKeys | null,
  noteFault: NoteFault,
): Promise<PublicKeys | null> {
  try {
    const keys = readPublicKeys(await readFile(join(root, PUBLIC_KEY_FILE), "utf8"), "it");
    const foreign = trusted === null ? [] : [...keys.keys()].filter((id) => !trusted.has(id));
    if (foreign.length > 0) {
      const valid = [...(trusted?.keys() ?? [])].join(" or ");
      noteFault(PUBLIC_KEY_FILE, `has the key ${foreign.join(", ")}, valid is ${valid}`);
    }
    return keys;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    const isOurs = error instanceof DeskreelError || isSystemError(error, "EISDIR");
    if (!isOurs) throw error;
    noteFault(PUBLIC_KEY_FILE, `cannot be used: ${describeError(error)}`);
    return null;
  }
}

/** @returns null for a version that has no manifest. */
async function verifyVersion(
  folder: string,
  place: string,
  keys: PublicKeys | null,
  counts: VerifyCounts,
  noteFault: NoteFault,
): Promise<SeenDocument | null> {
  const entries = await listEntries(folder);
  if (!entries.some(({ name }) => name === MANIFEST_FILE)) return null;
  counts.versions += 1;
  const manifestPlace = `${place}/${MANIFEST_FILE}`;
  const read = await readManifest(join(folder, MANIFEST_FILE), keys);
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
  const present = new Map(entries.map((entry) => [entry.name, entry]));
  present.delete(MANIFEST_FILE);
  for (const file of manifest.files) {
    const filePlace = `${place}/${file.name}`;
    const entry = present.get(file.name);
    if (!present.delete(file.name)) {
      noteFault(filePlace, "is missing, the manifest lists it");
      continue;
    }
    counts.files += 1;
    if (entry?.isSymbolicLink()) {
      noteFault(filePlace, "is a link, the archive holds files only");
      continue;
    }
    const found = await hashFile(join(folder, file.name)).catch((error: unknown) => describeError(error));
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

async function readManifest(path: string, keys: PublicKeys | null): Promise<ReadManifest> {
  let bytes: Buffer;
  let tree: unknown;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { manifest: null, sha256: "", fault: `is not readable: ${describeError(error)}` };
  }
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
