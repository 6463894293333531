import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { type Backoff, backoffMs, jittered } from "./backoff.ts";
import { WakeSignal } from "./wake-signal.ts";

/** Whether the other side of a loop can be reached, for `/readyz`. */
export interface LoopHealth {
  /** Null while the last round went well. */
  fault: string | null;
}

export interface LoopOptions {
  /** What the rounds are about, for the log. */
  name: string;
  log: Log;
  signal: AbortSignal;
  backoff: Backoff;
  health: LoopHealth;
  /** How long the other side asked us to stay away, by the error it answered; null when it did not say. */
  askedPauseMs?: (error: unknown) => DurationMs | null;
}

/**
 * Repeats rounds until the signal aborts. A round that throws is reported and tried again with growing pauses: nothing
 * is lost, because each round starts from what is stored.
 *
 * @param round - does one round, its own pauses included.
 */
export async function keepTrying(options: LoopOptions, round: () => Promise<void>): Promise<void> {
  const { signal, log, health } = options;
  const pause = new WakeSignal();
  let failures = 0;
  while (!signal.aborted) {
    try {
      await round();
      if (failures > 0) log.info({ loop: options.name }, "recovered");
      failures = 0;
      health.fault = null;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      health.fault = `${options.name}: ${describeError(error)}`;
      const asked = options.askedPauseMs?.(error) ?? 0;
      const retryInMs = jittered(Math.max(asked, backoffMs(failures, options.backoff)), Math.random());
      log.warn({ loop: options.name, reason: describeError(error), failures, retryInMs }, "round failed");
      await pause.pause(retryInMs, signal);
    }
  }
}
