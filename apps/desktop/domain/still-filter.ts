import type { DurationMs } from "#shared/time/units.ts";

/** Since when a picture stands still, and when it was sent last; both by one steady clock. */
export interface StillFilter {
  changedAt: DurationMs;
  sentAt: DurationMs;
}

/** After a change the picture goes on for so long, at its full rate: with each repetition the encoder makes it sharper. */
export const SHARPENED_AFTER_MS: DurationMs = 3_000;
/**
 * A still picture is sent again after so long. A recorder's mediasoup asks for a key frame after 5 s without a packet, and
 * an answer that cost a hundred kilobytes each time would be no saving.
 */
export const SENT_AGAIN_AFTER_MS: DurationMs = 4_000;

/** Of a picture that just begins. */
export function changedFilter(at: DurationMs): StillFilter {
  return { changedAt: at, sentAt: at };
}

/** Whether a frame is to be encoded: one that stands still is encoded for nothing. */
export function passFrame(
  before: StillFilter,
  { isChanged, at }: { isChanged: boolean; at: DurationMs },
): [StillFilter, isSent: boolean] {
  const changedAt = isChanged ? at : before.changedAt;
  const isSent = at - changedAt <= SHARPENED_AFTER_MS || at - before.sentAt >= SENT_AGAIN_AFTER_MS;
  return [{ changedAt, sentAt: isSent ? at : before.sentAt }, isSent];
}
