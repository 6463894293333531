import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { MANIFEST_FILE } from "./folder-archive.ts";
import { hashFile } from "./hash-file.ts";

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
  /** A file is changed, missing or unlisted, or a manifest is not readable. */
  onFault: (place: string, fault: string) => void;
  onUnfinished: (place: string) => void;
  /** After each version. */
  onProgress: (counts: VerifyCounts) => void;
}

/**
 * Holds every version of every interaction of an archive against its manifest.
 *
 * @param root - the archive's folder.
 * @throws when a folder cannot be read: then nothing is known of what is in it.
 */
export async function verifyArchive(root: string, report: VerifyReport): Promise<VerifyCounts> {
  const counts = { interactions: 0, versions: 0, files: 0, bytes: 0, faults: 0, unfinished: 0 };
  const noteFault = (place: string, fault: string) => {
    counts.faults += 1;
    report.onFault(relative(root, place), fault);
  };
  for (const interaction of await listInteractions(root, noteFault)) {
    counts.interactions += 1;
    for (const entry of await listEntries(interaction)) {
      const folder = join(interaction, entry.name);
      if (!entry.isDirectory() || !/^v[1-9]\d*$/.test(entry.name)) {
        noteFault(folder, "is not listed in any manifest");
        continue;
      }
      await verifyVersion(folder, counts, noteFault, () => report.onUnfinished(relative(root, folder)));
      report.onProgress(counts);
    }
  }
  return counts;
}

type NoteFault = (place: string, fault: string) => void;

/** The folders at `<yyyy>/<mm>/<dd>/<interactionId>`; anything else on the way there is a fault. */
async function listInteractions(root: string, noteFault: NoteFault): Promise<string[]> {
  let folders = [root];
  for (const pattern of [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^[a-z0-9-]{1,64}$/]) {
    const next: string[] = [];
    for (const folder of folders) {
      for (const entry of await listEntries(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory() && pattern.test(entry.name)) next.push(path);
        else noteFault(path, "does not belong into an archive");
      }
    }
    folders = next;
  }
  return folders;
}

async function verifyVersion(
  folder: string,
  counts: VerifyCounts,
  noteFault: NoteFault,
  onUnfinished: () => void,
): Promise<void> {
  const entries = await listEntries(folder);
  if (!entries.some(({ name }) => name === MANIFEST_FILE)) {
    counts.unfinished += 1;
    onUnfinished();
    return;
  }
  counts.versions += 1;
  const manifest = await readManifest(join(folder, MANIFEST_FILE), noteFault);
  if (manifest === null) return;
  const place = folder.split(/[\\/]/).slice(-2).join("/");
  if (`${manifest.interactionId}/v${manifest.version}` !== place) {
    noteFault(folder, `holds the manifest of ${manifest.interactionId} version ${manifest.version}`);
  }
  const present = new Set(entries.map(({ name }) => name));
  for (const file of manifest.files) {
    const path = join(folder, file.name);
    if (!present.delete(file.name)) {
      noteFault(path, "is missing");
      continue;
    }
    counts.files += 1;
    const found = await hashFile(path).catch((error: unknown) => describeError(error));
    if (typeof found === "string") {
      noteFault(path, `cannot be read: ${found}`);
      continue;
    }
    counts.bytes += found.bytes;
    if (found.bytes !== file.bytes) {
      noteFault(path, `has ${found.bytes} bytes, the manifest says ${file.bytes}`);
    } else if (found.sha256 !== file.sha256) {
      noteFault(path, `has sha256 ${found.sha256}, the manifest says ${file.sha256}`);
    }
  }
  present.delete(MANIFEST_FILE);
  for (const name of present) noteFault(join(folder, name), "is not listed in the manifest");
}

async function readManifest(path: string, noteFault: NoteFault): Promise<Manifest | null> {
  let tree: unknown;
  try {
    tree = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    noteFault(path, `is not readable: ${describeError(error)}`);
    return null;
  }
  const parsed = manifestSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  noteFault(path, `is no manifest: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ")}`);
  return null;
}

async function listEntries(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
