import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** Shorter work needs no word in between. */
const SAY_EVERY_MS = 10_000;
/** More than ffmpeg writes at a time. */
const LAST_WORDS_CHARACTERS = 4_000;

/**
 * Says in the log how far a piece of work is, at most every ten seconds.
 *
 * @param totalMs - of media; what counts as everything.
 * @returns is told how much is done.
 */
export function sayProgress(log: Log, file: string, totalMs: DurationMs): (doneMs: DurationMs) => void {
  const startedAt = performance.now();
  let saidAt = startedAt;
  return (doneMs) => {
    const now = performance.now();
    if (now - saidAt < SAY_EVERY_MS) return;
    saidAt = now;
    const percent = Math.min(100, Math.round((doneMs / Math.max(1, totalMs)) * 100));
    log.info({ file, percent, elapsedMs: Math.round(now - startedAt) }, "stitching");
  };
}

/** As {@link sayProgress}, for what `ffmpeg -progress` writes. */
export function progressLog(log: Log, file: string, totalMs: DurationMs): (chunk: Buffer) => void {
  const say = sayProgress(log, file, totalMs);
  return (chunk) => {
    const doneUs = /out_time_us=(\d+)/.exec(chunk.toString())?.[1];
    if (doneUs !== undefined) say(Number(doneUs) / 1_000);
  };
}

/** As {@link progressLog}, and says how many pictures were written by now. */
export function pictureProgress(
  log: Log,
  file: string,
  totalMs: DurationMs,
): { onStdout: (chunk: Buffer) => void; countPictures: () => number } {
  const onProgress = progressLog(log, file, totalMs);
  // The last words may come in two halves.
  let last = "";
  return {
    onStdout: (chunk) => {
      onProgress(chunk);
      last = (last + chunk.toString()).slice(-LAST_WORDS_CHARACTERS);
    },
    countPictures: () => Number([...last.matchAll(/^frame=\s*(\d+)$/gm)].at(-1)?.[1] ?? 0),
  };
}
