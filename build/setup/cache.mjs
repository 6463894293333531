// @ts-check
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/** A download that failed is not tried again for this long, in ms. */
export const FAILURE_REMEMBERED_FOR_MS = 24 * 60 * 60 * 1_000;
/** How many versions of one thing the cache keeps: those used last. */
const VERSIONS_KEPT = 3;

/**
 * Where set-up keeps what it fetched and built, outside of the clone, so that a second clone need not do it again.
 *
 * An entry `kind/key` is written in a temporary folder and renamed into place when it is whole: an entry that is
 * there can be used.
 */
export class Cache {
  /** @param {string} [root] */
  constructor(root = process.env["DESKREEL_CACHE"] || path.join(homedir(), ".cache", "deskreel")) {
    this.root = path.resolve(root);
  }

  /**
   * @param {string} kind
   * @param {string} key
   * @returns {string} the folder of an entry, there or not
   */
  entry(kind, key) {
    return path.join(this.root, kind, key);
  }

  /**
   * The keys of a kind, the one used last first.
   * @param {string} kind
   * @returns {Promise<string[]>}
   */
  async keys(kind) {
    const folder = path.join(this.root, kind);
    const names = await readdir(folder).catch(() => []);
    const used = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(path.join(folder, name))).mtimeMs })),
    );
    return used.sort((a, b) => b.at - a.at).map(({ name }) => name);
  }

  /**
   * Notes that an entry is in use, so that it is not the one to go.
   * @param {string} kind
   * @param {string} key
   */
  async touch(kind, key) {
    const now = new Date();
    // A cache that may only be read serves as well.
    await utimes(this.entry(kind, key), now, now).catch(() => undefined);
  }

  /**
   * Publishes what `fill` writes as an entry; nothing is left behind when it throws.
   *
   * @param {string} kind
   * @param {string} key
   * @param {(folder: string) => Promise<void>} fill
   * @returns {Promise<string>} the entry's folder
   */
  async publish(kind, key, fill) {
    const entry = this.entry(kind, key);
    await this.inScratch(async (scratch) => {
      const draft = path.join(scratch, "draft");
      await mkdir(draft);
      await fill(draft);
      await mkdir(path.dirname(entry), { recursive: true });
      // Moved aside, not deleted in place: another command may be reading it.
      await rename(entry, path.join(scratch, "replaced")).catch(() => undefined);
      await rename(draft, entry);
      await this.touch(kind, key);
    });
    for (const old of (await this.keys(kind)).slice(VERSIONS_KEPT)) {
      await rm(this.entry(kind, old), { recursive: true, force: true });
    }
    return entry;
  }

  /**
   * @template T
   * @param {(folder: string) => Promise<T>} work gets an empty folder on the cache's disk, gone afterwards
   * @returns {Promise<T>}
   */
  async inScratch(work) {
    const scratches = path.join(this.root, "scratch");
    await mkdir(scratches, { recursive: true });
    const scratch = await mkdtemp(path.join(scratches, `${process.pid}-`));
    try {
      return await work(scratch);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** Removes what set-ups that were killed left behind; only for the holder of the lock. */
  async sweepScratch() {
    await rm(path.join(this.root, "scratch"), { recursive: true, force: true });
  }

  /**
   * @param {string} name
   * @param {number} [now] epoch ms
   * @returns {Promise<string | undefined>} why it failed, if that was less than 24 h ago
   */
  async recentFailure(name, now = Date.now()) {
    const text = await readFile(this.#failureFile(name), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const [at = "", ...reason] = text.split("\n");
    const age = now - Date.parse(at);
    return age >= 0 && age < FAILURE_REMEMBERED_FOR_MS ? reason.join("\n") : undefined;
  }

  /**
   * @param {string} name
   * @param {string} reason
   */
  async rememberFailure(name, reason) {
    const file = this.#failureFile(name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${new Date().toISOString()}\n${reason}`);
  }

  /** @param {string} name */
  #failureFile(name) {
    return path.join(this.root, "failures", name);
  }
}

/**
 * A short name for content.
 * @param {...(string | Buffer)} parts
 * @returns {string} 16 hex digits
 */
export function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 16);
}
