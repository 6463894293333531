import { setImmediate as nextTurn } from "node:timers/promises";
import type { DurationMs } from "#shared/time/units.ts";
import { type Catalogue, isStorageError } from "./database.ts";

/**
 * A batch takes no further changes in after this long: whatever shares the event loop, media above all, gets its turn
 * then.
 */
const LONGEST_BATCH_MS: DurationMs = 10;

/** While changes keep coming, batches follow one another for this long before they are flushed together. */
const LONGEST_UNFLUSHED_MS: DurationMs = 25;

/** Changes that somebody waits for. */
interface Waiting {
  /** Makes the changes; returns what tells the caller, once they are durable. */
  apply: () => () => void;
  reject: (error: unknown) => void;
}

/** Changes that are committed, but not known to be on the disk. */
interface Committed {
  settle: () => void;
  reject: (error: unknown) => void;
}

export interface GroupCommitOptions {
  catalogue: Catalogue;
  /** Brings what the catalogue has written onto the disk, off the event loop. */
  sync: () => Promise<void>;
  /** The same at once. */
  syncNow: () => void;
  /** Changes were rolled back: what their callers remember of them is not in the catalogue. Must not throw. */
  onRollback: () => void;
  /** The disk did not take what was written: what is stored is not known any more, and nothing more is taken. */
  onSyncFault: (error: Error) => void;
  /** A steady clock in milliseconds, by which batches and the time between flushes are limited. */
  now?: () => number;
}

/**
 * Commits changes of many callers together. Those of one turn of the event loop, and those that come while a batch is on
 * its way to the disk, are one transaction; each is a savepoint in it, so that one that fails takes no other with it.
 *
 * The transaction itself does not wait for the disk; a flush on another thread follows, and callers are told after it.
 * Notes do not even wait for that. What writes to the catalogue otherwise does wait, and every flush takes along all that
 * was written before it.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #waiting: Waiting[] = [];
  #underWay: Committed[] = [];
  #isRunning = false;
  /** Something is noted that is not on its way to the disk. */
  #isFlushDue = false;
  #pause: Promise<void> = Promise.resolve();
  #fault: Error | null = null;
  readonly #now: () => number;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Resolves once the changes are durable; rejects with what they threw, or with a storage error. */
  commit<Result>(changes: () => Result): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const apply = () => {
      const result = changes();
      return () => resolve(result);
    };
    this.#waiting.push({ apply, reject });
    if (!this.#isRunning) {
      this.#isRunning = true;
      setImmediate(() => void this.#run());
    }
    return promise;
  }

  /**
   * Makes changes at once, as one, without waiting for the disk: they are on it a moment later, and before anything that is
   * committed after them.
   */
  note<Result>(changes: () => Result): Result {
    const result = this.#withoutWaiting(() => this.#options.catalogue.transaction(changes)());
    if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      // An empty change flushes. When that fails, nothing more is taken, and the owner is told.
      this.commit(() => void (this.#isFlushDue = false)).catch(() => {});
    }
    return result;
  }

  /** No batch begins until the work is done, which must not reject. */
  async pauseFor(work: () => Promise<void>): Promise<void> {
    this.#pause = this.#pause.then(work);
    await this.#pause;
  }

  /** Stores at once what waits: for whoever closes the catalogue next. Throws what the flush did, once callers know of it. */
  finish(): void {
    while (this.#waiting.length > 0) this.#underWay.push(...this.#commitBatch());
    if (this.#underWay.length === 0) return;
    try {
      this.#options.syncNow();
    } catch (error) {
      for (const { reject } of this.#underWay.splice(0)) reject(error);
      throw error;
    }
    this.#settle();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const flushAt = this.#now() + LONGEST_UNFLUSHED_MS;
      do {
        await this.#pause;
        this.#underWay.push(...this.#commitBatch());
        // Whatever shares the event loop comes first, and requests that have come meanwhile are to be in the next batch.
        await nextTurn();
      } while (this.#waiting.length > 0 && this.#now() < flushAt);
      if (this.#underWay.length > 0) await this.#sync();
      this.#settle();
    }
    this.#isRunning = false;
  }

  /** What was committed; what was not is told so already. */
  #commitBatch(): Committed[] {
    const { catalogue } = this.#options;
    const taken: Waiting[] = [];
    try {
      if (this.#fault !== null) throw this.#fault;
      const untilMs = this.#now() + LONGEST_BATCH_MS;
      const takeAll = catalogue.transaction(() => {
        const committed: Committed[] = [];
        do {
          const next = this.#waiting.shift();
          if (next === undefined) break;
          taken.push(next);
          committed.push(this.#apply(next));
        } while (this.#now() < untilMs);
        return committed;
      });
      return this.#withoutWaiting(() => takeAll.immediate());
    } catch (error) {
      // Without a transaction to begin with there is nothing that the others could wait for.
      const failed = taken.length > 0 ? taken : this.#waiting.splice(0);
      for (const { reject } of failed) reject(error);
      if (taken.length > 0) this.#options.onRollback();
      return [];
    }
  }

  #withoutWaiting<Result>(write: () => Result): Result {
    const { catalogue } = this.#options;
    // Within a transaction the mode cannot change, and its owner decides.
    if (catalogue.inTransaction) return write();
    // A pragma acts when it is compiled, so it cannot be prepared.
    catalogue.exec("PRAGMA synchronous = NORMAL");
    try {
      return write();
    } finally {
      catalogue.exec("PRAGMA synchronous = FULL");
    }
  }

  #apply({ apply, reject }: Waiting): Committed {
    try {
      return { settle: this.#options.catalogue.transaction(apply)(), reject };
    } catch (error) {
      if (isStorageError(error)) throw error;
      this.#options.onRollback();
      return { settle: () => reject(error), reject };
    }
  }

  async #sync(): Promise<void> {
    try {
      await this.#options.sync();
    } catch (error) {
      this.#fault = error instanceof Error ? error : new Error(String(error));
      for (const { reject } of this.#underWay.splice(0)) reject(this.#fault);
      this.#options.onSyncFault(this.#fault);
    }
  }

  #settle(): void {
    for (const { settle } of this.#underWay.splice(0)) settle();
  }
}
