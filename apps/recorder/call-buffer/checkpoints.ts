import { Worker } from "node:worker_threads";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { CheckpointAnswer } from "./checkpoint-thread.ts";
import { askThread } from "./thread-answer.ts";

const LOOK_EVERY_MS: DurationMs = 500;
/** A write-ahead log with fewer pages is left alone. */
const WORTH_IT_PAGES = 4_096;
const PAGE_BYTES = 4_096;
/** With no more than this left to be moved, commits are made to wait for it: some milliseconds. */
const LITTLE_LEFT_PAGES = 512;
/** What was written during one round is moved by the next, which is shorter. */
const MOST_ROUNDS = 8;

export interface CheckpointsOptions {
  /** The catalogue's file. */
  path: string;
  log: Log;
  /** Size of the write-ahead log's file. */
  logBytes: () => number;
  /** Keeps commits from beginning while the work runs. */
  pauseFor: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Moves what the write-ahead log holds into the catalogue's file, on another thread: the event loop must not wait for
 * that. Commits go on meanwhile; only the last bit, without which the log cannot begin anew, is moved in a pause of theirs.
 */
export class Checkpoints implements Disposable {
  readonly #options: CheckpointsOptions;
  readonly #timer: NodeJS.Timeout;
  #thread: Worker | null = null;
  #isRunning = false;
  #isDisposed = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearInterval(this.#timer);
    void this.#thread?.terminate();
  }

  async #look(): Promise<void> {
    const { logBytes, pauseFor } = this.#options;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      // The file keeps its size when the log begins anew.
      if (logBytes() < WORTH_IT_PAGES * PAGE_BYTES) return;
      let { pages, moved } = await this.#checkpoint();
      for (let round = 1; pages >= WORTH_IT_PAGES && round < MOST_ROUNDS; round += 1) {
        const before = moved;
        ({ pages, moved } = await this.#checkpoint());
        if (pages - before <= LITTLE_LEFT_PAGES) break;
      }
      if (pages >= WORTH_IT_PAGES) await pauseFor(() => this.#moveTheRest());
    } catch (error) {
      this.#report(error);
    } finally {
      this.#isRunning = false;
    }
  }

  async #moveTheRest(): Promise<void> {
    try {
      await this.#checkpoint();
    } catch (error) {
      this.#report(error);
    }
  }

  /** Another try follows; the log grows until then, and commits look after it themselves when it has grown too far. */
  #report(error: unknown): void {
    if (!this.#isDisposed)
      this.#options.log.warn({ err: error }, "catalogue's log could not be checkpointed");
  }

  /** Returns how many pages the log had, and how many of them are in the catalogue's file now. */
  async #checkpoint(): Promise<{ pages: number; moved: number }> {
    this.#thread ??= this.#startThread();
    return askThread<CheckpointAnswer>(this.#thread, "checkpoint", "checkpoint");
  }

  #startThread(): Worker {
    const thread = new Worker(new URL("./checkpoint-thread.ts", import.meta.url), {
      workerData: this.#options.path,
    });
    thread.once("exit", () => {
      if (this.#thread === thread) this.#thread = null;
    });
    thread.unref();
    return thread;
  }
}
