import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { z } from "zod";
import { writeDurably } from "#shared/runtime/durable-file.ts";
import { collectDropped } from "#shared/runtime/collect-garbage.ts";
import { isSystemError } from "#shared/runtime/errors.ts";
import { DataverseError } from "#shared/dataverse/dataverse-error.ts";

/** So much may have to be fetched again after a power cut; a flush costs about as much as a megabyte of line. */
const FLUSH_EVERY_BYTES = 32 << 20;
const HASH_BYTES = 1 << 20;
/** By then the pieces of a body have taken as much memory again outside the heap. */
const COLLECT_EVERY_BYTES = 8 << 20;

/** What is known of a file at Dynamics whose beginning is here. */
const stateSchema = z.strictObject({
  /** The value of the file column: another file is another id. */
  fileId: z.string(),
  /** Of the whole file; null = not known yet. */
  size: z.int().nonnegative().nullable(),
  etag: z.string().nullable(),
  /** Base64; null when nobody says it. */
  md5: z.string().nullable(),
  /** How many bytes are on the disk for certain. */
  safeBytes: z.int().nonnegative(),
});

/** What an answer says of the whole file; null = it does not. */
export interface FileFacts {
  size: number;
  etag: string | null;
  md5: string | null;
}

export interface DownloadedFile {
  bytes: number;
  sha256: string;
}

/**
 * A file that is being fetched, and what it is, in a second file beside it: so that a later try, also of another process,
 * goes on where this one ended. It belongs to whoever opened it, until disposed.
 */
export class PartialFile implements AsyncDisposable {
  readonly #path: string;
  readonly #handle: FileHandle;
  #state: z.output<typeof stateSchema>;
  #bytes: number;
  /** Written since what its pieces came in was last freed. */
  #uncollected = 0;

  private constructor(path: string, handle: FileHandle, state: z.output<typeof stateSchema>) {
    this.#path = path;
    this.#handle = handle;
    this.#state = state;
    this.#bytes = state.safeBytes;
  }

  /** What an earlier try left of this very file is kept; of another one nothing is. */
  static async open(path: string, fileId: string): Promise<PartialFile> {
    const handle = await open(path, "a+");
    try {
      const { size } = await handle.stat();
      const known = await readState(`${path}.state`);
      const isSame = known?.fileId === fileId && known.safeBytes <= size;
      const state = isSame ? known : { fileId, size: null, etag: null, md5: null, safeBytes: 0 };
      await handle.truncate(state.safeBytes);
      return new PartialFile(path, handle, state);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** How many bytes are here, from the beginning on. */
  get bytes(): number {
    return this.#bytes;
  }

  get etag(): string | null {
    return this.#state.etag;
  }

  get isComplete(): boolean {
    return this.#bytes === this.#state.size;
  }

  /**
   * An answer is about to be written.
   *
   * @throws DataverseError `FILE_CHANGED` when it is of another file than what is here.
   */
  async expect({ size, etag, md5 }: FileFacts): Promise<void> {
    const known = this.#state;
    const isOther = etag !== null && known.etag !== null && etag !== known.etag;
    if (isOther || (known.size !== null && known.size !== size)) {
      const message = `the file has ${size} bytes (${etag}), it had ${known.size} (${known.etag})`;
      throw new DataverseError("FILE_CHANGED", message, { status: 200 });
    }
    if (known.size === size && known.etag === (etag ?? known.etag)) return;
    await this.#save({ ...known, size, etag: etag ?? known.etag, md5: md5 ?? known.md5 });
  }

  /** @throws DataverseError `SIZE_MISMATCH` when there is more than was stated. */
  async write(chunk: Uint8Array): Promise<void> {
    const { size, safeBytes } = this.#state;
    if (this.#bytes + chunk.length > (size ?? 0)) throw sizeError(this.#bytes + chunk.length, size);
    for (let at = 0; at < chunk.length; ) at += (await this.#handle.write(chunk, at)).bytesWritten;
    this.#bytes += chunk.length;
    this.#uncollected += chunk.length;
    if (this.#uncollected >= COLLECT_EVERY_BYTES) {
      this.#uncollected = 0;
      collectDropped();
    }
    if (this.#bytes - safeBytes >= FLUSH_EVERY_BYTES) await this.#flush();
  }

  /** Begins anew. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#bytes = 0;
    await this.#save({ ...this.#state, size: null, etag: null, md5: null, safeBytes: 0 });
  }

  /**
   * The file is here: checks and flushes it.
   *
   * @throws DataverseError `HASH_MISMATCH` when it is not what was stated; it is then begun anew.
   */
  async finish(): Promise<DownloadedFile> {
    if (!this.isComplete) throw sizeError(this.#bytes, this.#state.size);
    await this.#handle.sync();
    const { sha256, md5: found } = await this.#hash();
    const stated = this.#state.md5;
    if (stated !== null && found !== stated) {
      await this.restart();
      const message = `the MD5 of the file is ${found}, stated was ${stated}`;
      throw new DataverseError("HASH_MISMATCH", message, { status: 200 });
    }
    return { bytes: this.#bytes, sha256 };
  }

  /** Through one buffer: half a gigabyte of them would wait for the garbage collector. */
  async #hash(): Promise<{ sha256: string; md5: string }> {
    const [sha256, md5] = [createHash("sha256"), createHash("md5")];
    const buffer = Buffer.allocUnsafe(HASH_BYTES);
    for (let at = 0; at < this.#bytes; ) {
      const { bytesRead } = await this.#handle.read(buffer, 0, HASH_BYTES, at);
      if (bytesRead === 0) throw sizeError(at, this.#state.size);
      sha256.update(buffer.subarray(0, bytesRead));
      md5.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return { sha256: sha256.digest("hex"), md5: md5.digest("base64") };
  }

  /** Leaves what is here, for another try. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#bytes > this.#state.safeBytes) await this.#flush();
    } finally {
      await this.#handle.close();
    }
  }

  async #flush(): Promise<void> {
    await this.#handle.datasync();
    await this.#save({ ...this.#state, safeBytes: this.#bytes });
  }

  async #save(state: z.output<typeof stateSchema>): Promise<void> {
    this.#state = state;
    await writeDurably(`${this.#path}.state`, JSON.stringify(state));
  }
}

/** Removes a partial file that nobody will go on with; the second file first, so that half a removal is none. */
export async function removePartial(path: string): Promise<void> {
  await rm(`${path}.state`, { force: true });
  await rm(path, { force: true });
}

function sizeError(found: number, stated: number | null): DataverseError {
  const message = `the file has ${found} bytes or more, Dynamics states ${stated ?? "nothing"}`;
  return new DataverseError("SIZE_MISMATCH", message, { status: 200 });
}

async function readState(path: string): Promise<z.output<typeof stateSchema> | null> {
  try {
    return stateSchema.safeParse(JSON.parse(await readFile(path, "utf8"))).data ?? null;
  } catch (error) {
    // Without it, or with half of it, the file is begun anew.
    if (isSystemError(error, "ENOENT") || error instanceof SyntaxError) return null;
    throw error;
  }
}
