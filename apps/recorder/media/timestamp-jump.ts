import { type DurationMs, type SteadyMs, VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";

/**
 * A time stamp that is off by more than this belongs to a sender that has started anew. Packets of a line that stalls are
 * late by seconds; a new start is at random within 13 hours.
 */
const MAX_TIMESTAMP_JUMP_MS: DurationMs = 30_000;

/** A time stamp as it is on the wire, and when it came. */
export interface TimestampAt {
  /** 32 bits, 90 kHz. */
  timestamp: number;
  arrivedAt: SteadyMs;
}

/** Whether the time stamps of one stream differ by another time than went by between their arrivals. */
export function isTimestampFarOff(before: TimestampAt, now: TimestampAt): boolean {
  const expected = before.timestamp + (now.arrivedAt - before.arrivedAt) * VIDEO_TICKS_PER_MS;
  const ahead = modulo(now.timestamp - expected, 2 ** 32);
  const offTicks = Math.min(ahead, 2 ** 32 - ahead);
  return offTicks / VIDEO_TICKS_PER_MS > MAX_TIMESTAMP_JUMP_MS;
}

function modulo(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}
