import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** A `Date` header is cut to whole seconds: on average the instant was half a second later. */
const CUT_MS = 500;

/**
 * How far a server's clock is ahead of ours, in ms; negative when behind. Exact to half a second and half the time that
 * the answer took.
 *
 * @param date - the answer's `Date` header.
 * @returns null when the header is missing or no date.
 */
export function clockOffsetMs(
  date: string | null,
  asked: { sentAt: EpochMs; answeredAt: EpochMs },
): DurationMs | null {
  const serverAt = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(serverAt) ? null : serverAt + CUT_MS - (asked.sentAt + asked.answeredAt) / 2;
}
