import type { Dirent } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { syncFolder, writeDurably } from "#shared/runtime/durable-file.ts";
import { isSystemError } from "#shared/runtime/errors.ts";
import { CHAIN_FOLDER } from "../places.ts";
import type { ArchiveStorage, ByteRange, ListedFile, StoredEntry } from "./archive-storage.ts";

/** An archive as a folder of this machine. */
export class FolderStorage implements ArchiveStorage {
  /** Absolute. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Makes the folder if it is missing, and removes what a crash left of files that were not published yet. */
  static async prepare(root: string): Promise<FolderStorage> {
    const chain = join(root, CHAIN_FOLDER);
    await mkdir(chain, { recursive: true });
    for (const folder of [root, chain]) {
      const drafts = (await readdir(folder)).filter((name) => name.endsWith(".draft"));
      for (const name of drafts) await rm(join(folder, name));
      if (drafts.length > 0) await syncFolder(folder);
    }
    return new FolderStorage(root);
  }

  locate(place: string): string {
    return join(this.root, ...place.split("/"));
  }

  async *walk({ under = "", after = "" } = {}): AsyncGenerator<StoredEntry> {
    const skipped = after === "" ? [] : after.split("/").slice(under === "" ? 0 : under.split("/").length);
    yield* this.#walk(under, skipped);
  }

  /** @param skipped - the names on the way to what was seen last, from this folder on. */
  async *#walk(folder: string, [last, ...deeper]: readonly string[]): AsyncGenerator<StoredEntry> {
    for (const entry of await listEntries(this.locate(folder))) {
      const { name } = entry;
      if (last !== undefined && (name < last || (name === last && deeper.length === 0))) continue;
      const place = folder === "" ? name : `${folder}/${name}`;
      if (!entry.isDirectory()) {
        yield { place, kind: entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "other" };
        continue;
      }
      let isEmpty = name !== last;
      for await (const below of this.#walk(place, name === last ? deeper : [])) {
        isEmpty = false;
        yield below;
      }
      if (isEmpty) yield { place, kind: "folder" };
    }
  }

  read(place: string): Promise<Buffer | null> {
    return nullIfMissing(readFile(this.locate(place)));
  }

  async size(place: string): Promise<number | null> {
    return (await nullIfMissing(lstat(this.locate(place))))?.size ?? null;
  }

  async open(place: string, range?: ByteRange): Promise<Readable | null> {
    const file = await nullIfMissing(open(this.locate(place)));
    const bounds = range === undefined ? {} : { start: range.from, end: range.to };
    return file === null ? null : file.createReadStream({ highWaterMark: 1 << 20, ...bounds });
  }

  async add(place: string, content: string): Promise<void> {
    await writeDurably(this.locate(place), content);
  }

  async replace(place: string, content: string): Promise<void> {
    await writeDurably(this.locate(place), content);
  }

  /** The version's own folder: without its manifest it does not count. */
  async draft(versionPlace: string): Promise<string> {
    const folder = this.locate(versionPlace);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** The files are there already; they and their folders' names reach the disk. */
  async publish(_versionPlace: string, draft: string, files: readonly ListedFile[]): Promise<void> {
    for (const { name } of files) {
      const file = await open(join(draft, name), "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
    let folder = draft;
    while (folder !== this.root && folder !== dirname(folder)) {
      folder = dirname(folder);
      await syncFolder(folder);
    }
  }

  async erase(place: string): Promise<void> {
    const folder = this.locate(place);
    await rm(folder, { recursive: true, force: true });
    await this.#removeEmpty(dirname(folder));
  }

  /** The days, months and years that nothing is in any more. */
  async #removeEmpty(from: string): Promise<void> {
    for (let folder = from; folder !== this.root; folder = dirname(folder)) {
      try {
        await rmdir(folder);
      } catch (error) {
        if (isSystemError(error, "ENOENT")) continue;
        if (!isSystemError(error, "ENOTEMPTY")) throw error;
        await syncFolder(folder);
        return;
      }
    }
    await syncFolder(this.root);
  }

  lockedUntil(): Promise<null> {
    return Promise.resolve(null);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** A folder's entries in the order of their names; none when it has gone. */
async function listEntries(folder: string): Promise<Dirent[]> {
  const entries = (await nullIfMissing(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function nullIfMissing<Result>(asked: Promise<Result>): Promise<Result | null> {
  try {
    return await asked;
  } catch (error) {
    // ENOTDIR: a file where a folder on the way should be.
    if (isSystemError(error, "ENOENT") || isSystemError(error, "ENOTDIR")) return null;
    throw error;
  }
}
