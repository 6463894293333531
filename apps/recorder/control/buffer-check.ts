import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Worker } from "node:worker_threads";
import { isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatBytes } from "#shared/text/bytes.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Inspection, SegmentFault } from "../call-buffer/buffer-inspection.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { InspectionMessage, InspectionOrder } from "../call-buffer/inspection-thread.ts";
import type { FaultOutcome, FaultySegment } from "../call-buffer/segment-faults.ts";

const LOG_EVERY_MS: DurationMs = 10_000;
/** So many are named in the log and in `/readyz`. */
const NAMED = 5;

export interface BufferCheckOptions {
  buffer: CallBuffer;
  clock: Clock;
  log: Log;
}

/** What the check leaves for whoever looks at the recorder. */
export interface FilesState {
  /** Files are missing or wrong, and no adapter has them. */
  isAlarm: boolean;
  detail: string | null;
}

/**
 * Compares the call buffer's files with its catalogue once after each start, beside everything else: how many there are
 * does not hold up the start. What is missing or wrong becomes a gap in the coverage, and the recording's next revision;
 * a file that is back ends it. What nobody knows is told of and left where it is.
 */
export class BufferCheck implements AsyncDisposable {
  readonly #options: BufferCheckOptions;
  readonly #ended = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #orphans: Inspection["orphans"] = [];

  constructor(options: BufferCheckOptions) {
    this.#options = options;
  }

  /** To be called once what a crash left behind has been recovered. */
  start(): void {
    this.#running = this.#check().catch((error: unknown) => {
      if (!this.#ended.signal.aborted)
        this.#options.log.error({ err: error }, "call buffer could not be checked");
    });
  }

  /** Resolves when the check is over. */
  async whenDone(): Promise<void> {
    await this.#running;
  }

  /** Segments whose files are lost and that no adapter has; a thousand at most are counted. */
  get lostSegments(): number {
    return this.#lost().length;
  }

  get state(): FilesState {
    const { folder } = this.#options.buffer;
    const lost = this.#lost();
    if (lost.length > 0) {
      const detail = `${folder}: ${lost.length} segments that no adapter has are missing or wrong: ${named(lost)}. Put them back from a backup and start the recorder again; until then they are the gap loss`;
      return { isAlarm: true, detail };
    }
    return {
      isAlarm: false,
      detail: this.#orphans.length === 0 ? null : describeOrphans(this.#orphans, folder),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  #lost(): FaultySegment[] {
    return this.#options.buffer.segmentFaults.all().filter(({ isWaiting }) => isWaiting);
  }

  async #check(): Promise<void> {
    const { buffer, log } = this.#options;
    const startedAt = performance.now();
    await this.#findReturned();
    const found = await this.#inspect();
    const outcomes: Record<FaultOutcome, number> = { noted: 0, known: 0, "handed-off": 0, gone: 0 };
    for (const fault of found.faults) {
      this.#ended.signal.throwIfAborted();
      outcomes[await this.#note(fault)] += 1;
    }
    this.#orphans = found.orphans;
    if (found.orphans.length > 0) {
      const orphans = found.orphans.slice(0, NAMED).map(({ path }) => path);
      log.warn(
        { folder: buffer.folder, count: found.orphans.length, orphans },
        "files that no recording has",
      );
    }
    const { recordings, segments, parts, damaged } = found;
    const tookMs = Math.round(performance.now() - startedAt);
    const faults = { missing: outcomes.noted + outcomes.known, missingButHandedOff: outcomes["handed-off"] };
    log.info(
      { recordings, segments, ...faults, unsealed: parts.length, damaged: damaged.length, tookMs },
      "call buffer checked",
    );
  }

  /** The catalogue decides: between the look and this the files may have been erased as they were due to be. */
  async #note(fault: SegmentFault): Promise<FaultOutcome> {
    const { buffer, log } = this.#options;
    const outcome = await buffer.commit(() => buffer.segmentFaults.note(fault));
    const { path, kind } = fault;
    if (outcome === "noted") log.error({ path, kind }, "segment is lost, no adapter has it");
    if (outcome === "handed-off") log.warn({ path, kind }, "segment is lost, but an adapter has it");
    return outcome;
  }

  /** Files that were lost and have been put back. */
  async #findReturned(): Promise<void> {
    const { buffer, log } = this.#options;
    for (const segment of buffer.segmentFaults.all()) {
      this.#ended.signal.throwIfAborted();
      if (!(await this.#isWhole(segment))) continue;
      await buffer.commit(() => buffer.segmentFaults.clear(segment));
      log.info({ path: segment.path }, "lost segment is back");
    }
  }

  async #isWhole({ path, bytes, sha256 }: FaultySegment): Promise<boolean> {
    const file = join(this.#options.buffer.folder, path);
    const { signal } = this.#ended;
    try {
      if ((await stat(file)).size !== bytes) return false;
      const hash = createHash("sha256");
      await pipeline(createReadStream(file), hash, { signal });
      return hash.digest("hex") === sha256;
    } catch (error) {
      if (isSystemError(error, "ENOENT")) return false;
      throw error;
    }
  }

  async #inspect(): Promise<Inspection> {
    const { buffer, clock, log } = this.#options;
    const order: InspectionOrder = { folder: buffer.folder, changedBefore: clock.now() };
    const thread = new Worker(new URL("../call-buffer/inspection-thread.ts", import.meta.url), {
      workerData: order,
    });
    thread.unref();
    const end = () => void thread.terminate();
    this.#ended.signal.addEventListener("abort", end, { once: true });
    let loggedAt = performance.now();
    try {
      return await new Promise<Inspection>((resolve, reject) => {
        thread.on("message", (message: InspectionMessage) => {
          if ("done" in message) resolve(message.done);
          else if ("fault" in message) reject(new Error(message.fault));
          else if (performance.now() - loggedAt >= LOG_EVERY_MS) {
            loggedAt = performance.now();
            log.info({ ...message.progress }, "call buffer is being checked");
          }
        });
        thread.once("error", reject);
        thread.once("exit", (code) => reject(new Error(`the inspection thread ended with code ${code}`)));
      });
    } finally {
      this.#ended.signal.removeEventListener("abort", end);
      void thread.terminate();
    }
  }
}

function describeOrphans(orphans: Inspection["orphans"], folder: string): string {
  const size = formatBytes(orphans.reduce((sum, { bytes }) => sum + bytes, 0));
  return `${folder} has ${orphans.length} files or folders (${size}) that no recording has: ${named(orphans)}. Nobody deletes them: look at them, then move them away`;
}

function named(files: readonly { path: string }[]): string {
  const more = files.length - NAMED;
  const names = files.slice(0, NAMED).map(({ path }) => path);
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
