import { z } from "zod";
import {
  CHAIN_ENTRY_FORMAT,
  CHAIN_HEAD_FORMAT,
  type ChainEntry,
  type ChainHead,
  type ChainLink,
  chainHeadSchema,
  type Previous,
  type Signature,
} from "#shared/archive/chain.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { CHAIN_FOLDER, CHAIN_HEAD_PLACE, chainEntryPlace, PUBLIC_KEY_FILE } from "./places.ts";
import {
  type PublicKeys,
  readPublicKeys,
  renderDocument,
  type SigningKey,
  sha256Of,
  signatureFault,
} from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";

/** A document as it stands in the chain. */
export type Chained<Document> = Document & { previous: Previous; signature: Signature };

/** The places of the chain before anything is in it. */
const EMPTY: Pick<ChainHead, "entry" | "next"> = { entry: null, next: null };

/**
 * The one order of everything that an archive was ever given: each entry is signed and names the one before with its
 * hash, so none can be changed, taken out or put in between. The head says which is the newest.
 *
 * An entry is announced in the head, then written, then made the head: after a crash at any point the head tells whether
 * it counts. One adapter writes an archive; within it, entries are appended one after the other.
 */
export class ArchiveChain {
  readonly #storage: ArchiveStorage;
  readonly #key: SigningKey;
  readonly #log: Log;
  #state: Pick<ChainHead, "entry" | "next">;
  /** The append under way. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    storage: ArchiveStorage,
    key: SigningKey,
    log: Log,
    state: Pick<ChainHead, "entry" | "next">,
  ) {
    this.#storage = storage;
    this.#key = key;
    this.#log = log;
    this.#state = state;
  }

  /**
   * Publishes the key in the archive, and makes good what a crash left half done.
   *
   * @throws DeskreelError `BAD_CHAIN` when the head is not one that a key of the archive signed.
   */
  static async open(storage: ArchiveStorage, key: SigningKey, log: Log): Promise<ArchiveChain> {
    const keys = await publishKey(storage, key, log);
    const head = await readHead(storage, keys);
    const chain = new ArchiveChain(storage, key, log, head ?? EMPTY);
    // Also an archive that nothing is in yet has a head: without one, a head that was taken away could not be told.
    if (head === null) await chain.#writeHead(EMPTY);
    await chain.#settle();
    return chain;
  }

  /** The newest entry; null when there is none yet. */
  get newest(): ChainLink | null {
    return this.#state.entry;
  }

  /**
   * Signs a document as the next entry and writes it; it is on the disk when this resolves.
   *
   * @param place - of its file, by its sequence.
   * @param version - the manifest of the version before, for a manifest.
   */
  append<Document extends object>(
    place: (sequence: number) => string,
    document: Document,
    version: Previous["version"] = null,
  ): Promise<Chained<Document>> {
    const appended = this.#last.then(() => this.#append(place, document, version));
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  /** Appends what is no manifest; returns its sequence. */
  async note(what: ChainEntry["what"], at: EpochMs): Promise<number> {
    const entry = { format: CHAIN_ENTRY_FORMAT, at: formatInstant(at), what };
    const { previous } = await this.append(chainEntryPlace, entry);
    return (previous.entry?.sequence ?? 0) + 1;
  }

  async #append<Document extends object>(
    place: (sequence: number) => string,
    document: Document,
    version: Previous["version"],
  ): Promise<Chained<Document>> {
    // The one before may have been written without becoming the head, e.g. because the disk was full.
    await this.#settle();
    const { entry } = this.#state;
    const sequence = (entry?.sequence ?? 0) + 1;
    const chained = this.#key.sign({ ...document, previous: { entry, version } });
    const text = renderDocument(chained);
    const next = { sequence, place: place(sequence), sha256: sha256Of(text) };
    await this.#writeHead({ entry, next });
    await this.#storage.add(next.place, text);
    await this.#writeHead({ entry: next, next: null });
    return chained;
  }

  /** What was announced counts if its file is there, and else never was. */
  async #settle(): Promise<void> {
    const { entry, next } = this.#state;
    if (next === null) return;
    const found = await this.#storage.read(next.place);
    const isThere = found !== null && sha256Of(found) === next.sha256;
    if (isThere) await this.#writeHead({ entry: next, next: null });
    else this.#state = { entry, next: null };
    this.#log.info({ sequence: next.sequence, isThere }, "archive chain settled");
  }

  async #writeHead(state: Pick<ChainHead, "entry" | "next">): Promise<void> {
    const head = this.#key.sign({ format: CHAIN_HEAD_FORMAT, ...state });
    // Before it is tried: if it fails, nobody knows whether it was stored, and settling finds out.
    if (state.next !== null) this.#state = state;
    await this.#storage.replace(CHAIN_HEAD_PLACE, renderDocument(head));
    this.#state = state;
  }
}

/** @returns null when there is none. */
async function readHead(storage: ArchiveStorage, keys: PublicKeys): Promise<ChainHead | null> {
  const where = storage.locate(CHAIN_HEAD_PLACE);
  const text = await storage.read(CHAIN_HEAD_PLACE);
  if (text === null) {
    let entries = 0;
    for await (const _entry of storage.walk({ under: CHAIN_FOLDER })) entries += 1;
    if (entries === 0) return null;
    throw badChain(`${where} is missing, and ${storage.locate(CHAIN_FOLDER)} has ${entries} entries`);
  }
  let head: ChainHead;
  try {
    head = chainHeadSchema.parse(JSON.parse(text.toString()));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw badChain(`${where} is no head of a chain (${why})`);
  }
  const fault = signatureFault(head, keys);
  if (fault !== null) throw badChain(`${where} ${fault}`);
  return head;
}

function badChain(found: string): DeskreelError {
  return new DeskreelError(
    "BAD_CHAIN",
    `${found}; nothing can be archived on such a chain: bring the file back from a copy of the archive`,
  );
}

/** The archive's own file has all keys that ever signed in it; ours is added when it is not there. */
async function publishKey(storage: ArchiveStorage, key: SigningKey, log: Log): Promise<PublicKeys> {
  const where = storage.locate(PUBLIC_KEY_FILE);
  const there = (await storage.read(PUBLIC_KEY_FILE))?.toString() ?? "";
  const known = there === "" ? new Map() : readPublicKeys(there, where);
  if (known.has(key.keyId)) return known;
  if (known.size > 0) {
    log.warn({ keyId: key.keyId, before: [...known.keys()] }, "archive is signed with a new key from now on");
  }
  const text = `${there}${key.publicPem}`;
  await storage.replace(PUBLIC_KEY_FILE, text);
  return readPublicKeys(text, where);
}
