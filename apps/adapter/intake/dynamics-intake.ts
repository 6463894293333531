import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { backoffMs, jittered } from "#shared/loop/backoff.ts";
import { readConversations } from "../dynamics/conversation-rows.ts";
import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { askedPauseMs } from "#shared/dataverse/dataverse-error.ts";
import { keepTrying, type LoopHealth } from "#shared/loop/keep-trying.ts";
import { WakeSignal } from "#shared/loop/wake-signal.ts";
import type { StoredAudio } from "../store/audio-store.ts";
import type { AdapterStores } from "../store/stores.ts";
import { fetchAudio } from "./fetch-audio.ts";
import { RecordingsFollower } from "./follow-recordings.ts";

/** A row without a file is looked at ever less often, but at least this often. */
const WAIT_MOST_MS = 900_000;

export interface DynamicsIntakeOptions {
  config: DynamicsConfig;
  stores: AdapterStores;
  dataDir: string;
  /** How long audio is waited for; also how far back the very first poll looks. */
  audioTimeoutMs: DurationMs;
  clock: Clock;
  log: Log;
  health: LoopHealth;
  /** Something of an interaction is new. */
  onChange: (interactionId: string) => void;
}

/** Follows Dynamics: which recordings there are, their files, and which call sessions have ended. */
export class DynamicsIntake {
  readonly #options: DynamicsIntakeOptions;
  readonly #client: DataverseClient;
  readonly #recordings: RecordingsFollower;
  readonly #wake = new WakeSignal();
  #waiters: PromiseWithResolvers<void>[] = [];

  constructor(options: DynamicsIntakeOptions) {
    this.#options = options;
    const client = new DataverseClient(options.config, options.clock);
    const { audioTimeoutMs: lookBackMs, stores, clock, log, onChange } = options;
    const { changeTracking } = options.config;
    const common = { client, stores, clock, log, onChange };
    this.#client = client;
    this.#recordings = new RecordingsFollower({ ...common, changeTracking, lookBackMs });
  }

  /** A recording was handed off: Dynamics is asked now, not at the next poll. */
  hurry(): void {
    this.#wake.wake();
  }

  /** Resolves when all that is due now was asked for once; rejects when that round breaks off. */
  completeRound(signal: AbortSignal): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiters.push(waiter);
    signal.addEventListener("abort", () => waiter.reject(signal.reason), { once: true });
    this.#wake.wake();
    return waiter.promise;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, health } = this.#options;
    const everyMs = this.#options.config.recordingsPollEveryS * 1_000;
    const backoff = { firstMs: Math.min(everyMs, 5_000), mostMs: Math.max(everyMs, 60_000) };
    await keepTrying({ name: "dynamics", log, signal, backoff, health, askedPauseMs }, async () => {
      const waiters = this.#waiters.splice(0);
      try {
        await this.#recordings.readOnce(signal);
        await this.#readConversations(signal);
        await this.#fetchDue(signal);
        for (const { resolve } of waiters) resolve();
      } catch (error) {
        for (const { reject } of waiters) reject(error);
        throw error;
      }
      await this.#wake.pause(everyMs, signal);
    });
  }

  async #readConversations(signal: AbortSignal): Promise<void> {
    const { stores, clock, log, onChange } = this.#options;
    const conversations = await readConversations(this.#client, stores.conversations.listOpen(), signal);
    for (const [id, conversation] of conversations) {
      if (!stores.conversations.put(id, conversation, clock.now())) continue;
      if (conversation.closed) log.info({ interactionId: id }, "call session closed");
      onChange(id);
    }
  }

  /** One part after the other; one that fails waits without holding up the others. */
  async #fetchDue(signal: AbortSignal): Promise<void> {
    const { stores, clock, log, dataDir, audioTimeoutMs, config, onChange } = this.#options;
    const firstMs = config.recordingsPollEveryS * 1_000;
    const waitMs = (attempts: number) =>
      backoffMs(attempts + 1, { firstMs, mostMs: Math.max(firstMs, WAIT_MOST_MS) });
    const fetch = { client: this.#client, audio: stores.audio, dataDir, giveUpAfterMs: audioTimeoutMs };
    for (const part of stores.audio.listDue(clock.now())) {
      try {
        const isChanged = await fetchAudio(part, { ...fetch, waitMs, clock, log, signal });
        if (isChanged) this.#noteChange(part, onChange);
      } catch (error) {
        if (signal.aborted) return;
        const pauseMs = jittered(Math.max(waitMs(part.attempts), askedPauseMs(error) ?? 0), Math.random());
        const reason = describeError(error);
        stores.audio.postpone(part.sourceId, part.version, reason, clock.now() + pauseMs);
        log.warn({ sourceId: part.sourceId, reason, retryInMs: pauseMs }, "audio part not fetched");
        if (askedPauseMs(error) !== null) throw error;
      }
    }
  }

  #noteChange(part: StoredAudio, onChange: (interactionId: string) => void): void {
    const interactionId = this.#options.stores.audio.find(part.sourceId)?.interactionId ?? null;
    if (interactionId !== null) onChange(interactionId);
  }
}
