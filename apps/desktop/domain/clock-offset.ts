import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** How many heartbeats the estimate looks back on; clocks drift apart slowly enough for that. */
const SAMPLES = 16;

/** One measurement of a heartbeat. */
export interface OffsetSample {
  /** How far the recorder's clock is ahead of ours; negative when behind. Wrong by half of `roundTripMs` at most. */
  offsetMs: DurationMs;
  roundTripMs: DurationMs;
}

/** What a heartbeat says about the clocks, taking its way there and back as equally long (as NTP does, RFC 5905). */
export function offsetSample(sentAt: EpochMs, serverTime: EpochMs, receivedAt: EpochMs): OffsetSample {
  return { offsetMs: serverTime - (sentAt + receivedAt) / 2, roundTripMs: receivedAt - sentAt };
}

/** The samples to keep, the newest last. */
export function withSample(samples: readonly OffsetSample[], sample: OffsetSample): OffsetSample[] {
  return [...samples, sample].slice(-SAMPLES);
}

/** The best estimate: that of the fastest round trip, whose error is the smallest; 0 without any sample. */
export function bestOffsetMs(samples: readonly OffsetSample[]): DurationMs {
  let best: OffsetSample | undefined;
  for (const sample of samples)
    if (best === undefined || sample.roundTripMs < best.roundTripMs) best = sample;
  return best?.offsetMs ?? 0;
}
