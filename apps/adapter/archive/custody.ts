import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { chainEntrySchema, type ChainEntry, type Tombstone } from "#shared/archive/chain.ts";
import { manifestSchema } from "#shared/archive/manifest.ts";
import { syncFolder } from "#shared/runtime/durable-file.ts";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { recordingFolder } from "../handoff/source-paths.ts";
import type { AdapterStores } from "../store/stores.ts";
import type { InteractionCatalogue } from "./catalogue.ts";
import type { FolderArchive } from "./folder-archive.ts";
import { CHAIN_FOLDER, MANIFEST_FILE, placePath, toPlace, VERSION_FOLDER } from "./places.ts";
import { sha256Of } from "./signing-key.ts";
import { listEntries } from "./walk.ts";

/** How far the tables have followed the chain's entries; not an instant, but it never moves back either. */
const FOLLOWED = "archive chain";

export interface CustodyOptions {
  archive: FolderArchive;
  catalogue: InteractionCatalogue;
  stores: AdapterStores;
  dataDir: string;
  clock: Clock;
  log: Log;
}

/** Who does something to an interaction, and why. */
export interface Act {
  interactionId: string;
  by: string;
  reason: string;
}

/**
 * Legal holds and deletions. What is done stands in the archive's chain first, signed; then it is followed into the
 * database and, for a deletion, done to the files. After a crash it is followed at the next start, and a database that
 * was lost learns all of it from the archive. One act at a time, so that no hold comes between a deletion's decision
 * and its tombstone.
 */
export class Custody {
  readonly #options: CustodyOptions;
  #last: Promise<unknown> = Promise.resolve();
  #deleting: string | null = null;

  constructor(options: CustodyOptions) {
    this.#options = options;
  }

  /** What is deleted, or is being deleted, must not be archived again from what comes late. */
  mayArchive(interactionId: string): boolean {
    return this.#deleting !== interactionId && !this.#options.stores.custody.isDeleted(interactionId);
  }

  /** Nothing deletes the interaction until it is released. @throws DeskreelError `UNKNOWN_INTERACTION` */
  hold(act: Act): Promise<void> {
    return this.#alone(async () => {
      this.#requireKnown(act.interactionId);
      if (this.#options.stores.custody.isHeld(act.interactionId)) return;
      await this.#note({ kind: "held", ...act });
    });
  }

  /** Ends a legal hold, if there is one. @throws DeskreelError `UNKNOWN_INTERACTION` */
  release(act: Act): Promise<void> {
    return this.#alone(async () => {
      this.#requireKnown(act.interactionId);
      if (!this.#options.stores.custody.isHeld(act.interactionId)) return;
      await this.#note({ kind: "released", ...act });
    });
  }

  /**
   * Deletes all versions of an interaction and its raw material, and leaves a tombstone.
   *
   * @returns false when it is held, or gone already.
   */
  delete(act: Act): Promise<boolean> {
    return this.#alone(async () => {
      const { catalogue, stores, archive } = this.#options;
      const found = catalogue.get(act.interactionId);
      if (found === null || stores.custody.isHeld(act.interactionId)) return false;
      this.#deleting = act.interactionId;
      try {
        const manifests = await readManifests(archive.root, dirname(found.folder));
        await this.#note({ kind: "deleted", ...act, manifests });
      } finally {
        this.#deleting = null;
      }
      return true;
    });
  }

  /** Takes over what the chain says and the database does not know yet. */
  follow(): Promise<void> {
    return this.#alone(() => this.#follow());
  }

  async #follow(): Promise<void> {
    const { archive, stores } = this.#options;
    const followed = stores.watermarks.get(FOLLOWED) ?? 0;
    const names = (await readdir(join(archive.root, CHAIN_FOLDER))).filter((name) =>
      /^\d{12}\.json$/.test(name),
    );
    for (const name of names.toSorted()) {
      const sequence = Number.parseInt(name, 10);
      if (sequence <= followed) continue;
      const text = await readFile(join(archive.root, CHAIN_FOLDER, name), "utf8");
      const { what, at } = chainEntrySchema.parse(JSON.parse(text));
      if (what.kind === "deleted") await this.#erase(what);
      stores.transaction(() => {
        if (what.kind !== "adopted") stores.custody.apply(what, sequence, parseRfc3339(at) ?? 0);
        stores.watermarks.advance(FOLLOWED, sequence);
      });
    }
  }

  /** Done again it changes nothing. */
  async #erase({ interactionId, manifests }: Tombstone): Promise<void> {
    const { archive, stores, dataDir, log } = this.#options;
    const folders = new Set(manifests.map(({ place }) => dirname(dirname(placePath(archive.root, place)))));
    for (const folder of folders) {
      await rm(folder, { recursive: true, force: true });
      await removeEmpty(archive.root, dirname(folder));
    }
    const sources = stores.custody.sourcesOf(interactionId);
    for (const id of sources.recordings)
      await rm(join(dataDir, recordingFolder(id)), { recursive: true, force: true });
    for (const path of sources.audio) await rm(join(dataDir, path), { force: true });
    log.info({ interactionId, versions: manifests.length }, "interaction deleted");
  }

  async #note(what: ChainEntry["what"]): Promise<void> {
    await this.#options.archive.note(what, this.#options.clock.now());
    await this.#follow();
  }

  #requireKnown(interactionId: string): void {
    if (this.#options.catalogue.get(interactionId) !== null) return;
    throw new DeskreelError("UNKNOWN_INTERACTION", `interaction ${JSON.stringify(interactionId)} is unknown`);
  }

  #alone<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** The manifests of all finished versions, as a tombstone has them. */
async function readManifests(root: string, interactionFolder: string): Promise<Tombstone["manifests"]> {
  const manifests: Tombstone["manifests"] = [];
  for (const { name } of await listEntries(interactionFolder)) {
    if (!VERSION_FOLDER.test(name)) continue;
    const path = join(interactionFolder, name, MANIFEST_FILE);
    const bytes = await readFile(path).catch((error: unknown) => {
      if (isSystemError(error, "ENOENT")) return null;
      throw error;
    });
    if (bytes === null) continue;
    const { previous } = manifestSchema.parse(JSON.parse(bytes.toString()));
    const follows = previous?.entry ?? null;
    manifests.push({
      place: toPlace(relative(root, path)),
      sha256: sha256Of(bytes),
      sequence: previous === undefined ? null : (follows?.sequence ?? 0) + 1,
      follows,
    });
  }
  return manifests;
}

/** The days, months and years that nothing is in any more. */
async function removeEmpty(root: string, from: string): Promise<void> {
  for (let folder = from; folder !== root; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (isSystemError(error, "ENOENT")) continue;
      if (!isSystemError(error, "ENOTEMPTY")) throw error;
      await syncFolder(folder);
      return;
    }
  }
  await syncFolder(root);
}
