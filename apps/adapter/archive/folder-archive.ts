import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { syncFolder, writeDurably } from "#shared/runtime/durable-file.ts";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";

/** Written last; a version folder without it is unfinished. */
export const MANIFEST_FILE = "manifest.json";

/** The archive as a folder: `<root>/<yyyy>/<mm>/<dd>/<interactionId>/v<version>/`. */
export class FolderArchive {
  /** Absolute. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** @throws DeskreelError `NOT_BUILT_YET` for an archive in a bucket. */
  static fromUrl(url: string): FolderArchive {
    if (url.startsWith("file:")) return new FolderArchive(fileURLToPath(url));
    throw new DeskreelError(
      "NOT_BUILT_YET",
      `archive ${url}: archives in S3 are not built yet; use file:FOLDER`,
    );
  }

  /** An interaction's folder relative to the root: by the UTC date of its first version's start, for ever. */
  interactionFolder(interactionId: string, startedAt: EpochMs): string {
    return join(...formatInstant(startedAt).slice(0, 10).split("-"), interactionId);
  }

  /** @returns absolute. */
  versionFolder(interactionFolder: string, version: number): string {
    return join(this.root, interactionFolder, `v${version}`);
  }

  /** The manifest of a finished version; null when the version is unfinished or not begun. */
  async readManifest(versionFolder: string): Promise<Manifest | null> {
    try {
      return manifestSchema.parse(JSON.parse(await readFile(join(versionFolder, MANIFEST_FILE), "utf8")));
    } catch (error) {
      if (isSystemError(error, "ENOENT")) return null;
      throw error;
    }
  }

  /** An empty folder for a version, in place of what a crash may have left there. */
  async beginVersion(versionFolder: string): Promise<void> {
    await rm(versionFolder, { recursive: true, force: true });
    await mkdir(versionFolder, { recursive: true });
  }

  /** Finishes a version: its files and its folder's name reach the disk before the manifest does. */
  async finishVersion(versionFolder: string, manifest: Manifest): Promise<void> {
    for (const { name } of manifest.files) {
      const file = await open(join(versionFolder, name), "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
    let folder = versionFolder;
    while (folder !== this.root && folder !== dirname(folder)) {
      folder = dirname(folder);
      await syncFolder(folder);
    }
    await writeDurably(join(versionFolder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
