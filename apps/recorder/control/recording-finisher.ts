import type { RecorderConfig } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { CaptureControl, CaptureEnd } from "../capture/ports.ts";
import { DueTimer } from "./due-timer.ts";

/** A recording whose end failed is tried again after this long. */
const RETRY_MS: DurationMs = 5_000;

export interface RecordingFinisherOptions {
  buffer: CallBuffer;
  capture: CaptureControl;
  clock: Clock;
  log: Log;
  lifecycle: Pick<RecorderConfig["lifecycle"], "discardGraceS">;
}

/** Ends captures, then makes recordings available for hand-off or erases them. */
export class RecordingFinisher implements AsyncDisposable {
  readonly #options: RecordingFinisherOptions;
  /** What is under way per recording; starts and ends of one recording never overlap. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #retries = new Set<NodeJS.Timeout>();
  /** What is being erased, or waits for its next try: that one is enough, however often it is found to be due. */
  readonly #erasing = new Set<string>();
  readonly #erasures: DueTimer;
  #isDisposed = false;

  constructor(options: RecordingFinisherOptions) {
    this.#options = options;
    this.#erasures = new DueTimer({
      name: "erasures",
      clock: options.clock,
      log: options.log,
      nextAt: () => options.buffer.erasure.nextAt(),
      runDue: (now) => this.#eraseDue(now),
    });
  }

  /** Ends a recording whose leg has ended, as its phase says. */
  finish(recordingId: string): void {
    this.#enqueue(recordingId, () => this.#end(recordingId));
  }

  /** Finishes what an end of the process has interrupted. */
  resume(): void {
    for (const recordingId of this.#options.buffer.legs.unfinished()) this.finish(recordingId);
    this.#erasures.arm();
  }

  /** To be called whenever discarded recordings have changed. */
  arm(): void {
    this.#erasures.arm();
  }

  /** Resolves when nothing is under way for the recording. */
  async whenIdle(recordingId: string): Promise<void> {
    await this.#running.get(recordingId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#erasures[Symbol.dispose]();
    for (const retry of this.#retries) clearTimeout(retry);
    await Promise.all(this.#running.values());
  }

  async #end(recordingId: string): Promise<void> {
    const { buffer, capture, clock, log } = this.#options;
    const leg = buffer.legs.find(recordingId);
    if (leg === null || leg.phase === "sealed") return;
    if (leg.endedAt === null) {
      // It was brought back at once, by events that are too old for its capture to go on.
      if (leg.captureOrderedAt === null) await capture.end(recordingId, "seal");
      return;
    }
    if (leg.captureOrdered) await capture.end(recordingId, this.#howToEnd(leg.phase));
    const isSealed = await buffer.commit(() => {
      buffer.legs.noteClosed(recordingId, clock.now());
      // A late event may have changed its mind meanwhile: sealing checks the phase again.
      return buffer.legs.seal(recordingId);
    });
    if (isSealed) {
      log.info({ recordingId, callSessionId: leg.callSessionId, leg: leg.leg }, "recording sealed");
      buffer.notifyLeasable();
    } else if (buffer.legs.find(recordingId)?.phase === "discarded") {
      log.info({ recordingId, callSessionId: leg.callSessionId, leg: leg.leg }, "recording discarded");
      this.#erasures.arm();
    }
  }

  /** A discarded recording's files are closed whole as long as a late event may still bring it back. */
  #howToEnd(phase: string): CaptureEnd {
    const isRevivable = this.#options.lifecycle.discardGraceS > 0;
    return phase === "discarded" && !isRevivable ? "discard" : "seal";
  }

  #eraseDue(now: EpochMs): void {
    for (const recordingId of this.#options.buffer.erasure.due(now)) {
      if (this.#running.has(recordingId) || this.#erasing.has(recordingId)) continue;
      this.#erasing.add(recordingId);
      this.#enqueue(recordingId, () => this.#erase(recordingId));
    }
  }

  async #erase(recordingId: string): Promise<void> {
    const { buffer, capture, clock, log } = this.#options;
    const leg = buffer.legs.find(recordingId);
    // Without a grace time it may be due before its end was begun; nothing may be written after the files are gone.
    if (leg?.phase === "discarded" && leg.captureOrdered && !leg.erased)
      await capture.end(recordingId, this.#howToEnd(leg.phase));
    if (await buffer.erasure.eraseDiscarded(recordingId, clock.now()))
      log.info({ recordingId }, "discarded files erased");
    this.#erasing.delete(recordingId);
  }

  #enqueue(recordingId: string, job: () => Promise<void>): void {
    if (this.#isDisposed) return;
    const before = this.#running.get(recordingId) ?? Promise.resolve();
    const running = before
      .then(job)
      .catch((error: unknown) => {
        this.#options.log.error({ err: error, recordingId }, "recording could not be finished");
        this.#retryLater(recordingId, job);
      })
      .finally(() => {
        if (this.#running.get(recordingId) !== running) return;
        this.#running.delete(recordingId);
        if (!this.#isDisposed) this.#erasures.arm();
      });
    this.#running.set(recordingId, running);
  }

  #retryLater(recordingId: string, job: () => Promise<void>): void {
    if (this.#isDisposed) return;
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      this.#enqueue(recordingId, job);
    }, RETRY_MS);
    this.#retries.add(retry);
  }
}
