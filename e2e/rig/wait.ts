import { setTimeout as sleep } from "node:timers/promises";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";

export interface WaitOptions {
  /** Gives up after this. */
  withinMs: number;
  everyMs?: number;
  signal?: AbortSignal;
}

/**
 * Asks again and again until the answer is neither null, undefined nor false.
 *
 * @param what - completes "waited in vain for …".
 * @throws DeskreelError `WAITED_IN_VAIN` with the last error that `ask` threw, if any.
 */
export async function waitFor<Answer>(
  what: string,
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
  options: WaitOptions,
): Promise<Answer> {
  const until = performance.now() + options.withinMs;
  let last: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const answer = await ask();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      const why = last === undefined ? "" : `; last seen: ${describeError(last)}`;
      throw new DeskreelError(
        "WAITED_IN_VAIN",
        `waited ${options.withinMs / 1_000} s in vain for ${what}${why}`,
        {
          cause: last,
        },
      );
    }
    await sleep(options.everyMs ?? 100, undefined, options.signal ? { signal: options.signal } : {});
  }
}
