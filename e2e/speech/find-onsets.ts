import type { DurationMs } from "#shared/time/units.ts";
import { SAMPLE_RATE, type Samples } from "./pcm.ts";

/** Half of what the synthesised tones have; lossy codecs' pre-echo stays far below. */
const LOUD = 8_000;

/**
 * When the tones of a sound begin, in ms after its first sample.
 *
 * @param quietMs - how long it must have been quiet before a loud sample counts as a new tone.
 */
export function findOnsets(samples: Samples, quietMs: DurationMs = 100): DurationMs[] {
  const onsets: DurationMs[] = [];
  const quietSamples = (quietMs * SAMPLE_RATE) / 1000;
  let lastLoud = Number.NEGATIVE_INFINITY;
  for (const [index, sample] of samples.entries()) {
    if (Math.abs(sample) < LOUD) continue;
    if (index - lastLoud > quietSamples) onsets.push((index * 1000) / SAMPLE_RATE);
    lastLoud = index;
  }
  return onsets;
}
