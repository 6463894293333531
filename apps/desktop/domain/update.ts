import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** An installer waits a little longer than this before it ends what is left. */
export const WAITS_FOR_RECORDING_MS: DurationMs = 10 * 60_000;
/** A request older than this was left behind by an installer that came to no end. */
const REQUEST_HOLDS_MS: DurationMs = 20 * 60_000;
/** A request may be newer than our own time by as much, for the files' clock is coarse; more is a clock that was set. */
const CLOCK_GRAIN_MS: DurationMs = 60_000;

/** What installers leave beside the app's code, where only administrators can write. */
export interface InstallerMarks {
  /** Before it touches a file it asks every app to end, and brings them back itself; null: none asks. */
  request: { for: "update" | "removal"; at: EpochMs } | null;
  /** Since when this version is all there; null: it came by another way. */
  installedAt: EpochMs | null;
}

/** Why the app is to end. */
export interface UpdateNotice {
  /**
   * - `update`: the installer waits for us, and starts the new version
   * - `updated`: the new version is there already, and we start it
   * - `removal`: there is nothing to come back to
   */
  kind: "update" | "updated" | "removal";
  /** An open recording may last until then. */
  leaveBy: EpochMs;
}

/** Whether an installer wants that no app runs now. */
export function isHeldOff({ request }: Pick<InstallerMarks, "request">, now: EpochMs): boolean {
  if (request === null) return false;
  const age = now - request.at;
  return age >= -CLOCK_GRAIN_MS && age < REQUEST_HOLDS_MS;
}

/**
 * What is to be made of the marks of now.
 *
 * @param installedBefore - as it was when the app started.
 */
export function noticeOf(
  marks: InstallerMarks,
  installedBefore: InstallerMarks["installedAt"],
  now: EpochMs,
): UpdateNotice | null {
  const { request, installedAt } = marks;
  if (request !== null && isHeldOff(marks, now)) {
    const isRemoval = request.for === "removal";
    const from = Math.min(request.at, now);
    return { kind: request.for, leaveBy: isRemoval ? from : from + WAITS_FOR_RECORDING_MS };
  }
  if (installedAt === null || installedAt === installedBefore) return null;
  return { kind: "updated", leaveBy: Math.min(installedAt, now) + WAITS_FOR_RECORDING_MS };
}

/** Whether to end now. */
export function isTimeToLeave(notice: UpdateNotice, hasRecording: boolean, now: EpochMs): boolean {
  return !hasRecording || now >= notice.leaveBy;
}
