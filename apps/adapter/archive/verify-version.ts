import { z } from "zod";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { hashStream } from "./hash-bytes.ts";
import { MANIFEST_FILE } from "./places.ts";
import { type PublicKeys, renderDocument, sha256Of, signatureFault } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";
import { isStorageFailure } from "./storage/storage-failure.ts";
import type { VerifyCounts } from "./verify-archive.ts";
import type { SeenDocument } from "./verify-chain.ts";
import type { StoredVersion } from "./walk.ts";

export type NoteFault = (place: string, fault: string) => void;

/**
 * Holds a version's files against its manifest, and the manifest against its signature.
 *
 * @param counts - added to.
 * @returns null for a version that has no manifest.
 */
export async function verifyVersion(
  storage: Pick<ArchiveStorage, "read" | "open">,
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
export async function hashStored(
  storage: Pick<ArchiveStorage, "read" | "open">,
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
  storage: Pick<ArchiveStorage, "read" | "open">,
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
