import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** Shorter work needs no word in between. */
const SAY_EVERY_MS = 10_000;

/**
 * Reads what `ffmpeg -progress` writes and says in the log how far it is, at most every ten seconds.
 *
 * @param totalMs - of media; what counts as everything.
 */
export function progressLog(log: Log, file: string, totalMs: DurationMs): (chunk: Buffer) => void {
  const startedAt = performance.now();
  let saidAt = startedAt;
  return (chunk) => {
    const doneUs = /out_time_us=(\d+)/.exec(chunk.toString())?.[1];
    const now = performance.now();
    if (doneUs === undefined || now - saidAt < SAY_EVERY_MS) return;
    saidAt = now;
    const percent = Math.min(100, Math.round(Number(doneUs) / 10 / Math.max(1, totalMs)));
    log.info({ file, percent, elapsedMs: Math.round(now - startedAt) }, "stitching");
  };
}
