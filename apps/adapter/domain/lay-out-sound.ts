import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Interval } from "./timeline.ts";

/** Sound without an interruption: where it lies in its file, and where on the clock of its part. */
export interface SoundStretch {
  /** From the file's first sample; whole ms. */
  fromMs: DurationMs;
  /** Whole ms; together the stretches of a part are as long as its file. */
  durationMs: DurationMs;
  /** From the part's start; whole ms. */
  afterMs: DurationMs;
}

/** Dynamics' times are whole seconds and its clocks are its own. */
const CREATED_TOLERANCE_MS = 2_000;

/**
 * Lays the sound of a part out in time. Azure Communication Services leaves out of a file what was paused, so that all
 * that comes after a pause has to be moved back by it: each pause becomes silence of its own length. Only where the file
 * would then end after its row was made it must hold the pauses already, as silence, and is left whole.
 *
 * @param durationMs - of the file.
 * @param pauses - on the wall clock, in any order, overlapping or not.
 * @param createdOn - when the row was made; the sound ended before.
 * @returns at least one stretch, in order; a pause before the first or after the last sample is none.
 */
export function layOutSound(
  startedAt: EpochMs,
  durationMs: DurationMs,
  pauses: readonly Interval[],
  createdOn: EpochMs,
): SoundStretch[] {
  const lengthMs = Math.round(durationMs);
  const whole = [{ fromMs: 0, durationMs: lengthMs, afterMs: 0 }];
  const cut = joinPauses(pauses, startedAt);
  const pausedMs = cut.reduce((sum, { from, to }) => sum + to - from, 0);
  if (pausedMs === 0) return whole;
  const stretches: SoundStretch[] = [];
  let [doneMs, positionMs] = [0, 0];
  for (const { from, to } of cut) {
    const untilPauseMs = Math.min(from - positionMs, lengthMs - doneMs);
    if (untilPauseMs > 0) stretches.push({ fromMs: doneMs, durationMs: untilPauseMs, afterMs: positionMs });
    doneMs += untilPauseMs;
    if (doneMs >= lengthMs) break;
    positionMs = to;
  }
  if (doneMs < lengthMs)
    stretches.push({ fromMs: doneMs, durationMs: lengthMs - doneMs, afterMs: positionMs });
  const last = stretches.at(-1);
  const endedAt = startedAt + (last === undefined ? 0 : last.afterMs + last.durationMs);
  return last === undefined || endedAt > createdOn + CREATED_TOLERANCE_MS ? whole : stretches;
}

/** Pauses from the part's start, in whole ms, in order, none touching another. */
function joinPauses(pauses: readonly Interval[], startedAt: EpochMs): Interval[] {
  const joined: Interval[] = [];
  const ordered = pauses
    .map(({ from, to }) => ({
      from: Math.max(0, Math.round(from - startedAt)),
      to: Math.max(0, Math.round(to - startedAt)),
    }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from);
  for (const pause of ordered) {
    const before = joined.at(-1);
    if (before !== undefined && pause.from <= before.to) before.to = Math.max(before.to, pause.to);
    else joined.push(pause);
  }
  return joined;
}
