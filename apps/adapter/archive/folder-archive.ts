import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChainEntry } from "#shared/archive/chain.ts";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { syncFolder } from "#shared/runtime/durable-file.ts";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { adoptUnsigned } from "./adopt-unsigned.ts";
import { ArchiveChain, type Chained } from "./archive-chain.ts";
import { MANIFEST_FILE, toPlace } from "./places.ts";
import { type SigningKey, sha256Of } from "./signing-key.ts";

/** The archive as a folder: `<root>/<yyyy>/<mm>/<dd>/<interactionId>/v<version>/`, its manifests signed and chained. */
export class FolderArchive {
  /** Absolute. */
  readonly root: string;
  readonly #chain: ArchiveChain;

  private constructor(root: string, chain: ArchiveChain) {
    this.root = root;
    this.#chain = chain;
  }

  /**
   * @param now - when this is, for what is noted in the chain.
   * @throws DeskreelError `NOT_BUILT_YET` for an archive in a bucket, `BAD_CHAIN` when its chain cannot be gone on with.
   */
  static async open(url: string, key: SigningKey, log: Log, now: EpochMs): Promise<FolderArchive> {
    const root = archiveFolder(url);
    await mkdir(root, { recursive: true });
    const chain = await ArchiveChain.open(root, key, log);
    if (chain.newest === null) await adoptUnsigned(root, chain, log, now);
    return new FolderArchive(root, chain);
  }

  /** Notes in the chain, signed, what is no manifest. */
  async note(what: ChainEntry["what"], at: EpochMs): Promise<void> {
    await this.#chain.note(what, at);
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

  /**
   * Finishes a version: its files and its folder's name reach the disk before the manifest does, which is signed and
   * made the newest entry of the archive's chain.
   *
   * @returns the manifest as it was written.
   */
  async finishVersion(versionFolder: string, manifest: Manifest): Promise<Chained<Manifest>> {
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
    const place = toPlace(relative(this.root, join(versionFolder, MANIFEST_FILE)));
    return await this.#chain.append(
      () => place,
      manifest,
      await versionBefore(versionFolder, manifest.version),
    );
  }
}

/**
 * The folder of a `file:` URL.
 *
 * @throws DeskreelError `NOT_BUILT_YET` for any other.
 */
function archiveFolder(url: string): string {
  if (url.startsWith("file:")) return fileURLToPath(url);
  throw new DeskreelError(
    "NOT_BUILT_YET",
    `archive ${url}: archives in S3 are not built yet; use file:FOLDER`,
  );
}

/** The newest finished version below this one; null when there is none. */
async function versionBefore(
  versionFolder: string,
  version: number,
): Promise<{ version: number; sha256: string } | null> {
  for (let before = version - 1; before > 0; before -= 1) {
    try {
      const bytes = await readFile(join(dirname(versionFolder), `v${before}`, MANIFEST_FILE));
      return { version: before, sha256: sha256Of(bytes) };
    } catch (error) {
      if (!isSystemError(error, "ENOENT")) throw error;
    }
  }
  return null;
}
