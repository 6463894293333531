import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";

/** Files go within this long after their time; the keeping time itself is hours. */
const LOOK_EVERY_MS: DurationMs = 60_000;
const HOUR_MS: DurationMs = 3_600_000;

/** Erases the files of recordings that were acknowledged longer ago than `keepHours`, until it is disposed of. */
export function keepAckedFor(keepHours: number, buffer: CallBuffer, clock: Clock, log: Log): AsyncDisposable {
  let running = Promise.resolve();
  const look = async () => {
    try {
      const erased = await buffer.erasure.eraseAcked(keepHours * HOUR_MS, clock.now());
      for (const recordingId of erased) log.info({ recordingId }, "handed-off files erased");
    } catch (error) {
      log.error({ err: error }, "handed-off files could not be erased, to be tried again");
    }
  };
  const timer = setInterval(() => {
    running = running.then(look);
  }, LOOK_EVERY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
    },
  };
}
