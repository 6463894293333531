import { statfs } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import type { DurationMs } from "#shared/time/units.ts";
import type { SpaceFacts } from "../domain/space-policy.ts";
import type { SizeAnswer } from "./size-thread.ts";
import { askThread } from "./thread-answer.ts";

/** The files are added up anew after this; between, what is sealed is added. */
const MEASURE_EVERY_MS: DurationMs = 60_000;

/**
 * How much room a folder's file system has for this user; asked on another thread. A folder that cannot be asked about
 * rejects with a system error.
 */
async function readFreeSpace(folder: string): Promise<Pick<SpaceFacts, "freeBytes" | "freeFiles">> {
  const { bavail, bsize, ffree, files } = await statfs(folder);
  return {
    freeBytes: bavail * bsize,
    // Some file systems make inodes as they need them, and say that they have none.
    freeFiles: files > 0 ? ffree : null,
  };
}

/** The call buffer's room: what its file system has left and, where there is a quota, what its files take. */
export class BufferSpace implements Disposable {
  readonly #folder: string;
  readonly #withSize: boolean;
  #thread: Worker | null = null;
  #bytes: number | null = null;
  #measuredAt = Number.NEGATIVE_INFINITY;
  /** What has been sealed since the files were last begun to be added up. */
  #addedBytes = 0;

  /** @param withSize - whether what the files take is to be known; it costs a walk through all of them every minute. */
  constructor(folder: string, withSize: boolean) {
    this.#folder = folder;
    this.#withSize = withSize;
  }

  /** A file of so many bytes has come. */
  add(bytes: number): void {
    this.#addedBytes += bytes;
  }

  /** Files have gone: what is left is to be added up again. */
  invalidate(): void {
    this.#measuredAt = Number.NEGATIVE_INFINITY;
  }

  /** Rejects with a system error when the folder cannot be asked about. One call at a time. */
  async read(): Promise<SpaceFacts> {
    const { freeBytes, freeFiles } = await readFreeSpace(this.#folder);
    if (this.#withSize && performance.now() - this.#measuredAt >= MEASURE_EVERY_MS) await this.#measure();
    return {
      freeBytes,
      freeFiles,
      bufferBytes: this.#bytes === null ? null : this.#bytes + this.#addedBytes,
    };
  }

  [Symbol.dispose](): void {
    void this.#thread?.terminate();
  }

  async #measure(): Promise<void> {
    this.#measuredAt = performance.now();
    const addedBefore = this.#addedBytes;
    this.#thread ??= this.#startThread();
    const { bytes } = await askThread<SizeAnswer>(this.#thread, "size", "measure");
    this.#bytes = bytes;
    // What came while it was counted may be counted twice until the next time.
    this.#addedBytes -= addedBefore;
  }

  #startThread(): Worker {
    const thread = new Worker(new URL("./size-thread.ts", import.meta.url), { workerData: this.#folder });
    thread.once("exit", () => {
      if (this.#thread === thread) this.#thread = null;
    });
    thread.unref();
    return thread;
  }
}
