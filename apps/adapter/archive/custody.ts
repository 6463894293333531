import { rm } from "node:fs/promises";
import { join } from "node:path";
import { chainEntrySchema, type ChainEntry, type Tombstone } from "#shared/archive/chain.ts";
import { manifestSchema } from "#shared/archive/manifest.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant, parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { recordingFolder } from "../handoff/source-paths.ts";
import type { AdapterStores } from "../store/stores.ts";
import type { Archive } from "./archive.ts";
import type { InteractionCatalogue } from "./catalogue.ts";
import { CHAIN_FOLDER, chainEntryPlace, MANIFEST_FILE, placeAbove, VERSION_FOLDER } from "./places.ts";
import { sha256Of } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";

/** How far the tables have followed the chain's entries; not an instant, but it never moves back either. */
const FOLLOWED = "archive chain";

export interface CustodyOptions {
  archive: Archive;
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
   * @throws DeskreelError `STILL_LOCKED` while the bucket's Object Lock keeps it.
   */
  delete(act: Act): Promise<boolean> {
    return this.#alone(async () => {
      const { catalogue, stores, archive } = this.#options;
      const found = catalogue.get(act.interactionId);
      if (found === null || stores.custody.isHeld(act.interactionId)) return false;
      this.#deleting = act.interactionId;
      try {
        const manifests = await readManifests(archive.storage, placeAbove(found.place));
        await requireUnlocked(archive.storage, act.interactionId, manifests);
        await this.#note({ kind: "deleted", ...act, manifests });
      } finally {
        this.#deleting = null;
      }
      return true;
    });
  }

  /** Has the archive's chain sign how long the audit log is, if it has grown since that was done last. */
  anchorAudit(): Promise<void> {
    return this.#alone(async () => {
      const { audit } = this.#options.stores;
      const newest = audit.newest();
      if (newest === null || audit.listAnchors().at(-1)?.entries === newest.number) return;
      await this.#note({ kind: "audited", entries: newest.number, sha256: newest.sha256 });
    });
  }

  /** Takes over what the chain says and the database does not know yet. */
  follow(): Promise<void> {
    return this.#alone(() => this.#follow());
  }

  /** @param noted - the entry that was just written: a bucket's list may not have it yet. */
  async #follow(noted?: number): Promise<void> {
    const { archive, stores } = this.#options;
    const followed = stores.watermarks.get(FOLLOWED) ?? 0;
    const sequences = new Set(noted === undefined ? [] : [noted]);
    const after = followed === 0 ? {} : { after: chainEntryPlace(followed) };
    for await (const { place } of archive.storage.walk({ under: CHAIN_FOLDER, ...after })) {
      const [, digits] = /^chain\/(\d{12})\.json$/.exec(place) ?? [];
      if (digits !== undefined) sequences.add(Number(digits));
    }
    for (const sequence of [...sequences].toSorted((a, b) => a - b)) {
      if (sequence <= followed) continue;
      const text = await archive.storage.read(chainEntryPlace(sequence));
      const { what, at } = chainEntrySchema.parse(JSON.parse(String(text)));
      if (what.kind === "deleted") await this.#erase(what);
      stores.transaction(() => {
        if (what.kind === "audited") stores.audit.addAnchor({ ...what, sequence });
        else if (what.kind !== "adopted") stores.custody.apply(what, sequence, parseRfc3339(at) ?? 0);
        stores.watermarks.advance(FOLLOWED, sequence);
      });
    }
  }

  /** Done again it changes nothing. */
  async #erase({ interactionId, manifests }: Tombstone): Promise<void> {
    const { archive, stores, dataDir, log } = this.#options;
    const places = new Set(manifests.map(({ place }) => placeAbove(placeAbove(place))));
    for (const place of places) await archive.storage.erase(place);
    const sources = stores.custody.sourcesOf(interactionId);
    for (const id of sources.recordings)
      await rm(join(dataDir, recordingFolder(id)), { recursive: true, force: true });
    for (const path of sources.audio) await rm(join(dataDir, path), { force: true });
    log.info({ interactionId, versions: manifests.length }, "interaction deleted");
  }

  async #note(what: ChainEntry["what"]): Promise<void> {
    await this.#follow(await this.#options.archive.note(what, this.#options.clock.now()));
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
async function readManifests(storage: ArchiveStorage, interaction: string): Promise<Tombstone["manifests"]> {
  const manifests: Tombstone["manifests"] = [];
  for await (const { place } of storage.walk({ under: interaction })) {
    const [version = "", name, ...deeper] = place.slice(interaction.length + 1).split("/");
    if (!VERSION_FOLDER.test(version) || name !== MANIFEST_FILE || deeper.length > 0) continue;
    const bytes = await storage.read(place);
    if (bytes === null) continue;
    const { previous } = manifestSchema.parse(JSON.parse(bytes.toString()));
    const follows = previous?.entry ?? null;
    manifests.push({
      place,
      sha256: sha256Of(bytes),
      sequence: previous === undefined ? null : (follows?.sequence ?? 0) + 1,
      follows,
    });
  }
  return manifests;
}

/** A version's manifest is written last, so it is locked longest. */
async function requireUnlocked(
  storage: ArchiveStorage,
  interactionId: string,
  manifests: Tombstone["manifests"],
): Promise<void> {
  for (const { place } of manifests) {
    const until = await storage.lockedUntil(place);
    if (until === null) continue;
    throw new DeskreelError(
      "STILL_LOCKED",
      `interaction ${interactionId} cannot be deleted: ${storage.locate(place)} is under Object Lock until ${formatInstant(until)}`,
    );
  }
}
