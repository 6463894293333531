import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
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
import { syncFolder, writeDurably } from "#shared/runtime/durable-file.ts";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { CHAIN_FOLDER, CHAIN_HEAD_FILE, chainEntryPlace, PUBLIC_KEY_FILE, placePath } from "./places.ts";
import {
  type PublicKeys,
  readPublicKeys,
  renderDocument,
  type SigningKey,
  sha256Of,
  signatureFault,
} from "./signing-key.ts";

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
  readonly #root: string;
  readonly #key: SigningKey;
  readonly #log: Log;
  #state: Pick<ChainHead, "entry" | "next">;
  /** The append under way. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(root: string, key: SigningKey, log: Log, state: Pick<ChainHead, "entry" | "next">) {
    this.#root = root;
    this.#key = key;
    this.#log = log;
    this.#state = state;
  }

  /**
   * Publishes the key in the archive, and makes good what a crash left half done.
   *
   * @throws DeskreelError `BAD_CHAIN` when the head is not one that a key of the archive signed.
   */
  static async open(root: string, key: SigningKey, log: Log): Promise<ArchiveChain> {
    const folder = join(root, CHAIN_FOLDER);
    await mkdir(folder, { recursive: true });
    for (const place of [root, folder]) await removeDrafts(place);
    const keys = await publishKey(root, key, log);
    const head = await readHead(folder, keys);
    const chain = new ArchiveChain(root, key, log, head ?? EMPTY);
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

  /** Appends what is no manifest. */
  async note(what: ChainEntry["what"], at: EpochMs): Promise<void> {
    await this.append(chainEntryPlace, { format: CHAIN_ENTRY_FORMAT, at: formatInstant(at), what });
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
    await writeDurably(placePath(this.#root, next.place), text);
    await this.#writeHead({ entry: next, next: null });
    return chained;
  }

  /** What was announced counts if its file is there, and else never was. */
  async #settle(): Promise<void> {
    const { entry, next } = this.#state;
    if (next === null) return;
    const found = await readIfThere(placePath(this.#root, next.place));
    const isThere = found !== null && sha256Of(found) === next.sha256;
    if (isThere) await this.#writeHead({ entry: next, next: null });
    else this.#state = { entry, next: null };
    this.#log.info({ sequence: next.sequence, isThere }, "archive chain settled");
  }

  async #writeHead(state: Pick<ChainHead, "entry" | "next">): Promise<void> {
    const head = this.#key.sign({ format: CHAIN_HEAD_FORMAT, ...state });
    // Before it is tried: if it fails, nobody knows whether it is on the disk, and settling finds out.
    if (state.next !== null) this.#state = state;
    await writeDurably(join(this.#root, CHAIN_FOLDER, CHAIN_HEAD_FILE), renderDocument(head));
    this.#state = state;
  }
}

/** @returns null when there is none. */
async function readHead(folder: string, keys: PublicKeys): Promise<ChainHead | null> {
  const path = join(folder, CHAIN_HEAD_FILE);
  const text = await readIfThere(path);
  if (text === null) {
    const entries = await readdir(folder);
    if (entries.length === 0) return null;
    throw badChain(`${path} is missing, and ${folder} has ${entries.length} entries`);
  }
  let head: ChainHead;
  try {
    head = chainHeadSchema.parse(JSON.parse(text.toString()));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw badChain(`${path} is no head of a chain (${why})`);
  }
  const fault = signatureFault(head, keys);
  if (fault !== null) throw badChain(`${path} ${fault}`);
  return head;
}

function badChain(found: string): DeskreelError {
  return new DeskreelError(
    "BAD_CHAIN",
    `${found}; nothing can be archived on such a chain: bring the file back from a copy of the archive`,
  );
}

/** The archive's own file has all keys that ever signed in it; ours is added when it is not there. */
async function publishKey(root: string, key: SigningKey, log: Log): Promise<PublicKeys> {
  const path = join(root, PUBLIC_KEY_FILE);
  const there = (await readIfThere(path))?.toString() ?? "";
  const known = there === "" ? new Map() : readPublicKeys(there, path);
  if (known.has(key.keyId)) return known;
  if (known.size > 0) {
    log.warn({ keyId: key.keyId, before: [...known.keys()] }, "archive is signed with a new key from now on");
  }
  const text = `${there}${key.publicPem}`;
  await writeDurably(path, text);
  return readPublicKeys(text, path);
}

/** What a crash left of a file that was not published yet. */
async function removeDrafts(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.endsWith(".draft"));
  for (const name of drafts) await rm(join(folder, name));
  if (drafts.length > 0) await syncFolder(folder);
}

async function readIfThere(path: string): Promise<Buffer | null> {
  return await readFile(path).catch((error: unknown) => {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  });
}
