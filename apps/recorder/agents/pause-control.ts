import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { LastingPause } from "../call-buffer/pause-store.ts";
import type { CapturePauses } from "../capture/ports.ts";
import { DueTimer } from "../control/due-timer.ts";
import type { AgentDirectory } from "./agent-directory.ts";

export interface PauseControlOptions {
  buffer: Pick<CallBuffer, "pauses" | "commit">;
  capture: CapturePauses;
  names: Pick<AgentDirectory, "find" | "onMerged">;
  clock: Clock;
  log: Log;
  maxPauseS: number;
}

/**
 * Pauses of agents. Nothing is written from the moment that a pause is asked for, even before it is durable; writing
 * goes on only once its end is.
 */
export class PauseControl implements Disposable {
  readonly #options: PauseControlOptions;
  readonly #maxPauseMs: DurationMs;
  readonly #overdue: DueTimer;
  readonly #forgetMerges: () => void;
  /** Pauses by agent that are on their way into the catalogue. */
  readonly #asked = new Map<string, number>();

  /** Pauses that last are in force when it returns, so it comes before captures are resumed. */
  constructor(options: PauseControlOptions) {
    this.#options = options;
    const { buffer, clock, log, names } = options;
    this.#maxPauseMs = options.maxPauseS * 1_000;
    this.#overdue = new DueTimer({
      name: "pauses",
      clock,
      log,
      nextAt: () => buffer.pauses.nextDueAt(),
      runDue: (now) => this.#endDue(now),
    });
    this.#forgetMerges = names.onMerged((...agents) => agents.forEach((agent) => this.#follow(agent)));
    this.#endDue(clock.now());
    for (const { agent } of buffer.pauses.lasting()) this.#follow(agent);
    this.#overdue.arm();
  }

  /** The agent's pause that lasts; null: none. */
  of(agent: string): LastingPause | null {
    return this.#options.buffer.pauses.lastingOf(agent);
  }

  /**
   * Pauses an agent; without effect on a pause that lasts already. Durable when it resolves.
   *
   * Rejects with SqliteError when it cannot be stored; then the agent is captured on.
   *
   * @param by - the scope that asks for it.
   */
  async pause(agent: string, reason: string, by: string): Promise<LastingPause> {
    const { buffer, capture, clock, log } = this.#options;
    const from = clock.now();
    const asked = { agent, from, endsBy: from + this.#maxPauseMs, reason, by };
    this.#asked.set(agent, (this.#asked.get(agent) ?? 0) + 1);
    capture.pause(agent);
    try {
      const { pause, isNew } = await buffer.commit(() => {
        const person = this.#personOf(agent);
        const lasting = buffer.pauses.lastingOf(person);
        if (lasting !== null) return { pause: lasting, isNew: false };
        const begun = { ...asked, agent: person };
        buffer.pauses.begin(begun);
        return { pause: begun, isNew: true };
      });
      if (isNew) log.info({ agent: pause.agent, by, reason }, "agent paused");
      return pause;
    } finally {
      this.#asked.set(agent, (this.#asked.get(agent) ?? 1) - 1);
      for (const other of new Set([this.#personOf(agent), agent])) this.#follow(other);
      this.#overdue.arm();
    }
  }

  /** Ends the agent's pause; without effect when none lasts. Durable when it resolves. Rejects with SqliteError. */
  async resume(agent: string, by: string): Promise<void> {
    const { buffer, clock, log } = this.#options;
    const to = clock.now();
    const { person, wasPaused } = await buffer.commit(() => {
      const person = this.#personOf(agent);
      const lasting = buffer.pauses.lastingOf(person);
      buffer.pauses.end(person, to, by);
      return { person, wasPaused: lasting !== null };
    });
    if (wasPaused) log.info({ agent: person, by }, "pause ended");
    this.#follow(person);
    this.#overdue.arm();
  }

  [Symbol.dispose](): void {
    this.#overdue[Symbol.dispose]();
    this.#forgetMerges();
  }

  /** Who an agent is by now: it may become part of another one while a change of its pause waits to be stored. */
  #personOf(agent: string): string {
    return this.#options.names.find(agent) ?? agent;
  }

  #endDue(now: number): void {
    const { buffer, log, maxPauseS } = this.#options;
    for (const agent of buffer.pauses.endDue(now)) {
      log.warn({ agent, maxPauseS }, "pause ended by itself");
      this.#follow(agent);
    }
  }

  /** Has the capture side do as the catalogue says. */
  #follow(agent: string): void {
    const { capture } = this.#options;
    const isAsked = (this.#asked.get(agent) ?? 0) > 0;
    if (!isAsked) this.#asked.delete(agent);
    if (isAsked || this.of(agent) !== null) capture.pause(agent);
    else capture.resume(agent);
  }
}
