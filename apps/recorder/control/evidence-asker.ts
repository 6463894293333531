import { WakeSignal } from "#shared/loop/wake-signal.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { LegStore } from "../call-buffer/leg-store.ts";
import type { Evidence } from "../domain/open-question.ts";
import { DueTimer } from "./due-timer.ts";
import type { LookUpEvidence } from "./evidence.ts";

/** Look-ups at once; Dataverse serves 52 of one application user, and polling needs some too. */
const LOOK_UPS_AT_ONCE = 4;
/** A look-up that takes longer counts as unanswered. */
const LOOK_UP_TIMEOUT_MS: DurationMs = 20_000;
/** An answer that could not be stored is asked for again after this long. */
const PAUSE_AFTER_FAULT_MS: DurationMs = 5_000;

export interface EvidenceAskerOptions {
  legs: Pick<LegStore, "find" | "soonestAsks">;
  lookUp: LookUpEvidence;
  clock: Clock;
  log: Log;
  /** Stores what an answer means and acts on it; it decides when the next look-up is, or that there is none. */
  conclude: (recordingId: string, evidence: Evidence) => Promise<void>;
}

/** Asks Dynamics about the legs whose time has come, each one by one look-up at a time, a few of them at once. */
export class EvidenceAsker implements AsyncDisposable {
  readonly #options: EvidenceAskerOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  readonly #timer: DueTimer;

  constructor(options: EvidenceAskerOptions) {
    this.#options = options;
    this.#timer = new DueTimer({
      name: "look-ups",
      clock: options.clock,
      log: options.log,
      nextAt: () => this.#next()?.at ?? null,
      runDue: (now) => this.#askDue(now),
    });
  }

  /** To be called whenever legs that are asked about have changed. */
  arm(): void {
    this.#timer.arm();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    this.#ending.abort();
    await Promise.all(this.#running.values());
  }

  /** The soonest leg that is not being asked about; null when there is none, or no look-up is free. */
  #next(): { recordingId: string; at: EpochMs } | null {
    if (this.#running.size >= LOOK_UPS_AT_ONCE) return null;
    const soonest = this.#options.legs.soonestAsks(LOOK_UPS_AT_ONCE);
    return soonest.find(({ recordingId }) => !this.#running.has(recordingId)) ?? null;
  }

  #askDue(now: EpochMs): void {
    for (let next = this.#next(); next !== null && next.at <= now; next = this.#next()) {
      const { recordingId } = next;
      const asking = this.#ask(recordingId).finally(() => {
        this.#running.delete(recordingId);
        this.#timer.arm();
      });
      this.#running.set(recordingId, asking);
    }
  }

  async #ask(recordingId: string): Promise<void> {
    const { legs, lookUp, log, conclude } = this.#options;
    const { signal } = this.#ending;
    try {
      const leg = legs.find(recordingId);
      if (leg === null) return;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_UP_TIMEOUT_MS)]);
      const evidence = await lookUp(leg, limit);
      if (signal.aborted) return;
      log.debug({ recordingId, evidence }, "evidence looked up");
      await conclude(recordingId, evidence);
    } catch (error) {
      log.error({ err: error, recordingId }, "look-up could not be concluded, to be tried again");
      await new WakeSignal().pause(PAUSE_AFTER_FAULT_MS, signal);
    }
  }
}
