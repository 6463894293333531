import { closeSync, fdatasync, fdatasyncSync, fstatSync, openSync } from "node:fs";
import { promisify } from "node:util";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Catalogue } from "./database.ts";

const fdatasyncLater = promisify(fdatasync);

/** The file that SQLite writes commits to, opened beside SQLite so that it can be flushed off the event loop. */
export class WriteAheadLog implements Disposable {
  readonly #file: number;
  #flush: Promise<void> = Promise.resolve();

  /** @param catalogue - has been read or written at least once: the file is there since then. */
  constructor(catalogue: Catalogue) {
    this.#file = openSync(`${catalogue.name}-wal`, "r+");
  }

  get bytes(): number {
    return fstatSync(this.#file).size;
  }

  /** Brings all that was written so far onto the disk; rejects with DeskreelError `CATALOGUE_NOT_FLUSHED`. */
  async sync(): Promise<void> {
    const flush = fdatasyncLater(this.#file).catch((cause: unknown) => {
      throw new DeskreelError(
        "CATALOGUE_NOT_FLUSHED",
        "the disk did not take what was written to the catalogue; mend it, then start the recorder again",
        { cause },
      );
    });
    this.#flush = flush.catch(() => {}); // Its caller has the error.
    await flush;
  }

  syncNow(): void {
    fdatasyncSync(this.#file);
  }

  [Symbol.dispose](): void {
    // Not while another thread uses it: the number might be another file's by then.
    void this.#flush.then(() => closeSync(this.#file));
  }
}
