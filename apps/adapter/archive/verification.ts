import type { Manifest } from "#shared/archive/manifest.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { CHAIN_HEAD_PLACE, MANIFEST_FILE, PUBLIC_KEY_FILE } from "./places.ts";
import { readPublicKeys, sha256Of } from "./signing-key.ts";
import type { ArchiveStorage, StoredEntry } from "./storage/archive-storage.ts";
import { verifyVersion } from "./verify-version.ts";
import { chainHeadSchema } from "#shared/archive/chain.ts";

/** What holding a version against its manifest, signature and chain came to. */
export interface Verification {
  version: number;
  verdict: "verified" | "faulty";
  checkedAt: EpochMs;
  /** Files and bytes that were read and hashed. */
  files: number;
  bytes: number;
  /** Null: it was archived before the archive had a key. */
  keyId: string | null;
  /** In the archive's chain; null like keyId. */
  sequence: number | null;
  faults: { place: string; fault: string }[];
}

type VerifiedStorage = Pick<ArchiveStorage, "walk" | "read" | "open">;

const FAULTS_TOLD = 100;
const REMEMBERED_MOST = 1_000;
/** One reads at a time; a person does not wait longer than these take. */
const WAITING_MOST = 16;

/** Verifies versions when somebody asks: one after the other, and each once until it is asked for anew. */
export class Verifications {
  readonly #storage: VerifiedStorage;
  readonly #isDeleted: (interactionId: string) => boolean;
  readonly #clock: Clock;
  /** By the version's place, the newest last. */
  readonly #known = new Map<string, Verification>();
  readonly #running = new Map<string, Promise<Verification>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(storage: VerifiedStorage, isDeleted: (interactionId: string) => boolean, clock: Clock) {
    this.#storage = storage;
    this.#isDeleted = isDeleted;
    this.#clock = clock;
  }

  /** What is known already; null: it was not verified since the start. */
  known(place: string): Verification | null {
    return this.#known.get(place) ?? null;
  }

  /** Reads all of a version; several who ask at once get the same. @throws DeskreelError `TOO_MANY_VERIFICATIONS` */
  verify(place: string, manifest: Manifest): Promise<Verification> {
    const running = this.#running.get(place);
    if (running !== undefined) return running;
    if (this.#running.size >= WAITING_MOST) {
      const message = `${this.#running.size} versions are being verified already`;
      throw new DeskreelError("TOO_MANY_VERIFICATIONS", message);
    }
    const verified = this.#last.then(() => this.#verify(place, manifest));
    this.#running.set(place, verified);
    this.#last = verified.catch(() => undefined).finally(() => this.#running.delete(place));
    return verified;
  }

  async #verify(place: string, manifest: Manifest): Promise<Verification> {
    const checkedAt = this.#clock.now();
    const faults: Verification["faults"] = [];
    const noteFault = (at: string, fault: string) => {
      if (faults.length < FAULTS_TOLD) faults.push({ place: at, fault });
    };
    const entries = new Map<string, StoredEntry>();
    for await (const entry of this.#storage.walk({ under: place }))
      entries.set(entry.place.slice(place.length + 1), entry);
    const published = await this.#storage.read(PUBLIC_KEY_FILE);
    const keys = published === null ? null : readPublicKeys(published.toString(), PUBLIC_KEY_FILE);
    const counts = { interactions: 1, versions: 0, files: 0, bytes: 0, faults: 0, unfinished: 0 };
    const seen = await verifyVersion(this.#storage, { place, entries }, keys, counts, noteFault);
    if (seen === null) noteFault(`${place}/${MANIFEST_FILE}`, "is missing");
    else await this.#judgePlaceInChain(seen, manifest, noteFault);
    const verification: Verification = {
      ...{ version: manifest.version, verdict: faults.length === 0 ? "verified" : "faulty", checkedAt },
      ...{ files: counts.files, bytes: counts.bytes, keyId: manifest.signature?.keyId ?? null },
      sequence: manifest.previous === undefined ? null : (manifest.previous.entry?.sequence ?? 0) + 1,
      faults,
    };
    this.#known.delete(place);
    this.#known.set(place, verification);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED_MOST && oldest !== undefined) this.#known.delete(oldest);
    return verification;
  }

  /** Holds what the manifest says of the entry before against that entry, and of the newest one against the head. */
  async #judgePlaceInChain(
    seen: { place: string; sha256: string },
    { previous }: Manifest,
    noteFault: (place: string, fault: string) => void,
  ): Promise<void> {
    if (previous === undefined) return;
    const before = previous.entry;
    if (before !== null) {
      const bytes = await this.#storage.read(before.place);
      const [, interactionId = ""] = /\/([^/]+)\/v\d+\/[^/]+$/.exec(before.place) ?? [];
      if (bytes === null) {
        if (!this.#isDeleted(interactionId)) noteFault(before.place, "is missing, the manifest follows it");
      } else if (sha256Of(bytes) !== before.sha256) {
        noteFault(
          before.place,
          `has sha256 ${sha256Of(bytes)}, the manifest that follows says ${before.sha256}`,
        );
      }
    }
    const head = await this.#storage.read(CHAIN_HEAD_PLACE);
    if (head === null) {
      noteFault(CHAIN_HEAD_PLACE, "is missing");
      return;
    }
    const { entry } = chainHeadSchema.parse(JSON.parse(head.toString()));
    const sequence = (before?.sequence ?? 0) + 1;
    if (entry === null || entry.sequence < sequence) {
      noteFault(CHAIN_HEAD_PLACE, `has ${entry?.sequence ?? 0} entries, the manifest is entry ${sequence}`);
    } else if (entry.sequence === sequence && entry.sha256 !== seen.sha256) {
      noteFault(seen.place, `has sha256 ${seen.sha256}, the head of the chain says ${entry.sha256}`);
    }
  }
}
