import type { DurationMs, EpochMs, SteadyMs } from "#shared/time/units.ts";

/** How many heartbeats the estimate looks back on; clocks drift apart slowly enough for that. */
const SAMPLES = 16;
/** Clocks drift apart by less than this within {@link SAMPLES} heartbeats. */
const MAX_DRIFT_MS: DurationMs = 250;

/** One measurement of a heartbeat. */
export interface OffsetSample {
  /** The recorder's wall time at steady time 0. Wrong by half of `roundTripMs` at most. */
  offsetMs: EpochMs;
  roundTripMs: DurationMs;
}

/** What a heartbeat says about the clocks, taking its way there and back as equally long (as NTP does, RFC 5905). */
export function offsetSample(sentAt: SteadyMs, serverTime: EpochMs, receivedAt: SteadyMs): OffsetSample {
  return { offsetMs: serverTime - (sentAt + receivedAt) / 2, roundTripMs: receivedAt - sentAt };
}

/** The samples to keep, the newest last: none from before the recorder's clock was set. */
export function withSample(samples: readonly OffsetSample[], sample: OffsetSample): OffsetSample[] {
  const isOfSameClock = samples.every(
    ({ offsetMs, roundTripMs }) =>
      Math.abs(offsetMs - sample.offsetMs) <= (roundTripMs + sample.roundTripMs) / 2 + MAX_DRIFT_MS,
  );
  return isOfSameClock ? [...samples, sample].slice(-SAMPLES) : [sample];
}

/** The best estimate: that of the fastest round trip, whose error is the smallest; 0 without any sample. */
export function bestOffsetMs(samples: readonly OffsetSample[]): EpochMs {
  let best: OffsetSample | undefined;
  for (const sample of samples)
    if (best === undefined || sample.roundTripMs < best.roundTripMs) best = sample;
  return best?.offsetMs ?? 0;
}
