import { setTimeout as sleep } from "node:timers/promises";
import { askedPauseMs } from "#shared/dataverse/dataverse-error.ts";
import { keepTrying, type LoopHealth } from "#shared/loop/keep-trying.ts";
import { WakeSignal } from "#shared/loop/wake-signal.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { type DynamicsSync, READ_AT_ONCE } from "./dynamics-sync.ts";
import { REFRESH_EVERY_MS } from "./request-budget.ts";

/** What belongs together comes in several posts: they are waited for this long. */
const DEBOUNCE_MS: DurationMs = 1_000;

/**
 * Calls and agents of which a webhook has told something that only complete knowledge can judge: they are read soon, the
 * oldest first, many with one query, and agents before calls, for presence ends captures. What it does not get to, the
 * next pass judges.
 */
export class RefreshQueue {
  readonly #sync: DynamicsSync;
  readonly #log: Log;
  readonly #health: LoopHealth;
  readonly #agents = new Set<string>();
  readonly #conversations = new Set<string>();
  readonly #wake = new WakeSignal();

  constructor(sync: DynamicsSync, log: Log, health: LoopHealth) {
    this.#sync = sync;
    this.#log = log;
    this.#health = health;
  }

  want(wanted: { conversations: readonly string[]; agents: readonly string[] }): void {
    for (const id of wanted.agents) this.#agents.add(id);
    for (const id of wanted.conversations) this.#conversations.add(id);
    if (wanted.agents.length + wanted.conversations.length > 0) this.#wake.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const options = {
      ...{ name: "calls", log: this.#log, signal, health: this.#health, askedPauseMs },
      backoff: { firstMs: REFRESH_EVERY_MS, mostMs: 60_000 },
    };
    await keepTrying(options, async () => {
      if (this.#agents.size + this.#conversations.size === 0) await this.#wake.pause(null, signal);
      await pause(DEBOUNCE_MS, signal);
      await this.#drain(this.#agents, (ids) => this.#sync.refreshAgents(ids, signal));
      await this.#drain(this.#conversations, (ids) => this.#sync.refreshConversations(ids, signal));
      await pause(REFRESH_EVERY_MS - DEBOUNCE_MS, signal);
    });
  }

  /** What is asked for again meanwhile is read again. */
  async #drain(queue: Set<string>, refresh: (ids: string[]) => Promise<string[]>): Promise<void> {
    const ids = [...queue].slice(0, READ_AT_ONCE);
    for (const id of ids) queue.delete(id);
    try {
      for (const id of await refresh(ids)) queue.add(id);
    } catch (error) {
      for (const id of ids) queue.add(id);
      throw error;
    }
  }
}

async function pause(ms: DurationMs, signal: AbortSignal): Promise<void> {
  // An abort ends it, and the loop sees it.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
