import type { EpochMs } from "#shared/time/units.ts";
import { parseRfc3339 } from "#shared/time/rfc3339.ts";

/** A stretch of wall time; `to` >= `from`. */
export interface Interval {
  from: EpochMs;
  to: EpochMs;
}

/** From the earliest beginning to the latest end; null of nothing. */
export function spanOf(intervals: readonly Interval[]): Interval | null {
  if (intervals.length === 0) return null;
  return {
    from: intervals.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY),
    to: intervals.reduce((most, { to }) => Math.max(most, to), Number.NEGATIVE_INFINITY),
  };
}

/**
 * An instant of a document whose schema only says that it is text, in whole ms.
 *
 * @throws RangeError naming the text when it is no RFC 3339 date-time.
 */
export function instantOf(text: string): EpochMs {
  const at = parseRfc3339(text);
  if (at === null) throw new RangeError(`${JSON.stringify(text)} is not an RFC 3339 date-time`);
  return at;
}
