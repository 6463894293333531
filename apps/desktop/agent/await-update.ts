import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { isTimeToLeave, type InstallerMarks, noticeOf, type UpdateNotice } from "../domain/update.ts";

/** Installers cannot reach into a user's session, so we look: two small files, nothing to be felt. */
const LOOK_EVERY_MS: DurationMs = 2_000;

export interface AwaitUpdateOptions {
  readMarks: () => InstallerMarks;
  hasRecording: () => boolean;
  /** An update waits for the recording's end, or (null) does not any more. */
  onWait: (notice: UpdateNotice | null) => void;
  clock: Clock;
  log: Log;
  /** For tests. */
  lookEveryMs?: DurationMs;
}

/** Resolves when it is time to end for an installer; null when the signal aborts before. */
export async function awaitUpdate(
  { readMarks, hasRecording, onWait, clock, log, lookEveryMs = LOOK_EVERY_MS }: AwaitUpdateOptions,
  signal: AbortSignal,
): Promise<UpdateNotice | null> {
  // As they were at the first look that could be taken; null before.
  let first: InstallerMarks | null = null;
  let marks: InstallerMarks | null = null;
  let waiting: UpdateNotice["kind"] | null = null;
  let fault = "";
  while (!signal.aborted) {
    try {
      marks = readMarks();
      first ??= marks;
      fault = "";
    } catch (error) {
      if (fault !== describeError(error)) log.warn({ err: error }, "installers' marks cannot be read");
      fault = describeError(error);
    }
    const notice = marks === null || first === null ? null : noticeOf(marks, first.installedAt, clock.now());
    if (notice !== null && isTimeToLeave(notice, hasRecording(), clock.now())) return notice;
    if (waiting !== (notice?.kind ?? null)) {
      waiting = notice?.kind ?? null;
      log.info(
        { update: waiting },
        waiting === null ? "update waits no more" : "update waits for the recording",
      );
      onWait(notice);
    }
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
  }
  return null;
}
