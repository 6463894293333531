/** Milliseconds since 1970-01-01T00:00:00Z; may carry a fraction where a source is finer than 1 ms. */
export type EpochMs = number;

/**
 * Milliseconds of a clock that only counts on, at the rate of real time and whatever becomes of the system clock; from
 * where, says nothing. Only of use within one process.
 */
export type SteadyMs = number;

/** A length of time in milliseconds. */
export type DurationMs = number;

/** RTP's clock of video runs at 90 kHz whatever the codec: ticks per millisecond. */
export const VIDEO_TICKS_PER_MS = 90;
