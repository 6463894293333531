import { setTimeout as sleep } from "node:timers/promises";
import type { DurationMs } from "#shared/time/units.ts";

/**
 * Every commit waits for a disk that other tests use too, so what happens by itself is given far longer than it needs: only
 * what never happens fails.
 */
const WAIT_MAX_MS: DurationMs = 20_000;
const LOOK_EVERY_MS: DurationMs = 20;

/** Waits until a check does not throw, and returns what it returned; rejects with what it threw last. */
export async function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  const until = performance.now() + WAIT_MAX_MS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}
