import type { ChainEntry } from "#shared/archive/chain.ts";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { adoptUnsigned } from "./adopt-unsigned.ts";
import { ArchiveChain, type Chained } from "./archive-chain.ts";
import { MANIFEST_FILE, placeAbove, versionPlace } from "./places.ts";
import { type SigningKey, sha256Of } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";

/**
 * The archive: `<yyyy>/<mm>/<dd>/<interactionId>/v<version>/` in a folder or a bucket, its manifests signed and chained.
 */
export class Archive {
  /** Its owner is whoever opened it. */
  readonly storage: ArchiveStorage;
  readonly #chain: ArchiveChain;

  private constructor(storage: ArchiveStorage, chain: ArchiveChain) {
    this.storage = storage;
    this.#chain = chain;
  }

  /**
   * @param now - when this is, for what is noted in the chain.
   * @throws DeskreelError `BAD_CHAIN` when its chain cannot be gone on with.
   */
  static async open(storage: ArchiveStorage, key: SigningKey, log: Log, now: EpochMs): Promise<Archive> {
    const chain = await ArchiveChain.open(storage, key, log);
    if (chain.newest === null) await adoptUnsigned(storage, chain, log, now);
    return new Archive(storage, chain);
  }

  /** Notes in the chain, signed, what is no manifest; returns the entry's sequence. */
  note(what: ChainEntry["what"], at: EpochMs): Promise<number> {
    return this.#chain.note(what, at);
  }

  /** The manifest of a finished version; null when the version is unfinished or not begun. */
  async readManifest(place: string): Promise<Manifest | null> {
    const bytes = await this.storage.read(`${place}/${MANIFEST_FILE}`);
    return bytes === null ? null : manifestSchema.parse(JSON.parse(bytes.toString()));
  }

  /** An empty folder on this machine for a version's files, in place of what a crash may have left. */
  beginVersion(place: string): Promise<string> {
    return this.storage.draft(place);
  }

  /**
   * Finishes a version: its files are in the archive for good before its manifest is, which is signed and made the newest
   * entry of the archive's chain.
   *
   * @param draft - where the version's files were made.
   * @returns the manifest as it was written.
   */
  async finishVersion(place: string, draft: string, manifest: Manifest): Promise<Chained<Manifest>> {
    await this.storage.publish(place, draft, manifest.files);
    const before = await this.#versionBefore(place, manifest.version);
    return await this.#chain.append(() => `${place}/${MANIFEST_FILE}`, manifest, before);
  }

  /** The newest finished version below this one; null when there is none. */
  async #versionBefore(place: string, version: number): Promise<{ version: number; sha256: string } | null> {
    for (let before = version - 1; before > 0; before -= 1) {
      const bytes = await this.storage.read(`${versionPlace(placeAbove(place), before)}/${MANIFEST_FILE}`);
      if (bytes !== null) return { version: before, sha256: sha256Of(bytes) };
    }
    return null;
  }
}
