import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import type { LoopHealth } from "#shared/loop/keep-trying.ts";
import { writeDurably } from "#shared/runtime/durable-file.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { InteractionCatalogue } from "../archive/catalogue.ts";
import type { RecoveryCase, RecoveryOutcome } from "../domain/recovery.ts";
import { nextNight } from "../jobs/next-night.ts";
import type { AdapterStores } from "../store/stores.ts";
import { findCases } from "./find-cases.ts";
import { judgeCases } from "./judge-cases.ts";

const DAY_MS = 86_400_000;
/** Rounds of the intake that may fail before a recovery is given up; the intake itself goes on. */
const ROUNDS_MOST = 5;

/** Of closed conversations, recordings and audio; by Dynamics' times. */
export interface RecoveryRange {
  from: EpochMs;
  /** Not included. */
  to: EpochMs;
}

/** What a recovery found and did; written as JSON, and told over HTTP. */
export interface RecoveryReport {
  by: string;
  from: string;
  to: string;
  startedAt: string;
  finishedAt: string;
  /** How much was looked at. */
  lookedAt: { conversations: number; recordings: number; interactions: number };
  counts: Record<RecoveryOutcome, number>;
  cases: RecoveryCase[];
}

/** How far a recovery is. */
export interface RecoveryProgress {
  by: string;
  from: string;
  to: string;
  step: string;
}

export interface RecoveryOptions {
  /** Patient: it waits through the pauses that Dynamics asks for. */
  client: DataverseClient;
  stores: AdapterStores;
  catalogue: Pick<InteractionCatalogue, "get">;
  voiceChannels: readonly number[];
  /** Resolves when all that is due has been asked for once. */
  completeRound: (signal: AbortSignal) => Promise<void>;
  /** False for what was deleted: it does not come back. */
  mayArchive: (interactionId: string) => boolean;
  onChange: (interactionId: string) => void;
  /** How long something may come after its call by itself. */
  patienceMs: DurationMs;
  /** How far back the nightly one looks; 0: there is none. */
  nightlyDays: number;
  dataDir: string;
  clock: Clock;
  log: Log;
  health: LoopHealth;
}

/**
 * Finds calls of which something is missing, brings what can be brought, and says what cannot and why: in the night by itself,
 * and when an admin asks. One at a time.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  #running: RecoveryProgress | null = null;
  #last: { report: RecoveryReport; file: string } | { fault: string } | null = null;

  #started: Promise<void> = Promise.resolve();

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /** What runs now, and what the one before came to; both null after a start. */
  get state(): { running: RecoveryProgress | null; last: RecoveryReportState } {
    return { running: this.#running, last: this.#last };
  }

  /**
   * Begins one that goes on by itself, until {@link settled}.
   *
   * @throws DeskreelError `RECOVERY_RUNS`
   */
  start(range: RecoveryRange, by: string, signal: AbortSignal): void {
    this.#requireIdle();
    this.#started = this.run(range, by, signal);
  }

  /** Resolves when what was started has ended. */
  async settled(): Promise<void> {
    await this.#started;
  }

  /** Every night until the signal aborts. */
  async runNightly(signal: AbortSignal): Promise<void> {
    const { nightlyDays, clock } = this.#options;
    if (nightlyDays === 0) return;
    while (!signal.aborted) {
      const now = clock.now();
      await sleep(nextNight(now) - now, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const to = clock.now();
      // One that an admin has begun does the night's work too.
      if (this.#running === null) await this.run({ from: to - nightlyDays * DAY_MS, to }, "night", signal);
    }
  }

  /**
   * Runs one to its end; what it comes to is in {@link state} and in the log.
   *
   * @throws DeskreelError `RECOVERY_RUNS`
   */
  async run(range: RecoveryRange, by: string, signal: AbortSignal): Promise<void> {
    this.#requireIdle();
    const { log, health } = this.#options;
    this.#running = { by, from: formatInstant(range.from), to: formatInstant(range.to), step: "beginning" };
    try {
      const report = await this.#recover(range, by, signal);
      this.#last = { report, file: await this.#write(report) };
      health.fault = null;
      log.info({ ...report.lookedAt, ...report.counts, by }, "recovery done");
    } catch (error) {
      this.#last = { fault: describeError(error) };
      if (signal.aborted) return;
      health.fault = `recovery: ${describeError(error)}`;
      log.error({ err: error, by }, "recovery broke off");
    } finally {
      this.#running = null;
    }
  }

  #requireIdle(): void {
    if (this.#running === null) return;
    const { from, to } = this.#running;
    const message = `a recovery of ${from} to ${to} is running; wait until it has ended`;
    throw new DeskreelError("RECOVERY_RUNS", message);
  }

  async #recover(range: RecoveryRange, by: string, signal: AbortSignal): Promise<RecoveryReport> {
    const { clock } = this.#options;
    const startedAt = clock.now();
    const found = await findCases(range, { ...this.#options, signal, say: (step) => this.#say(step) });
    this.#say(`asking Dynamics again for what is missing of ${found.noAudio.size} calls`);
    await this.#completeRound(signal);
    this.#say("judging what came");
    const cases = judgeCases(found, this.#options);
    const count = (outcome: RecoveryOutcome) => cases.filter((one) => one.outcome === outcome).length;
    return {
      ...{ by, from: formatInstant(range.from), to: formatInstant(range.to) },
      ...{ startedAt: formatInstant(startedAt), finishedAt: formatInstant(clock.now()) },
      lookedAt: found.lookedAt,
      counts: { healed: count("healed"), waiting: count("waiting"), never: count("never") },
      cases,
    };
  }

  async #completeRound(signal: AbortSignal): Promise<void> {
    for (let round = 1; ; round += 1) {
      try {
        return await this.#options.completeRound(signal);
      } catch (error) {
        if (signal.aborted || round >= ROUNDS_MOST) throw error;
        this.#say(`Dynamics did not answer, trying again (${describeError(error)})`);
      }
    }
  }

  #say(step: string): void {
    if (this.#running === null) return;
    this.#running = { ...this.#running, step };
    this.#options.log.info({ step }, "recovery");
  }

  async #write(report: RecoveryReport): Promise<string> {
    const folder = join(this.#options.dataDir, "recovery");
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${report.startedAt.replaceAll(":", "")}.json`);
    await writeDurably(path, `${JSON.stringify(report, null, 2)}\n`);
    return path;
  }
}

type RecoveryReportState = { report: RecoveryReport; file: string } | { fault: string } | null;
