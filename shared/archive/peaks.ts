import { z } from "zod";

export const PEAKS_FORMAT = "deskreel.peaks/1";
export const PEAKS_FILE = "peaks.json";
/** So many values for each second: fine enough to see words, coarse enough for an hour in 100 kB. */
export const PEAKS_PER_SECOND = 20;

/**
 * `peaks.json`: how loud an interaction's sound is. A value is the greatest distance of a sample from 0 in its stretch, before
 * the sound was encoded, linear and rounded up: 255 is full scale, 0 is digital silence, and v is at most
 * 20·log10(v/255) dBFS.
 */
export const peaksSchema = z.strictObject({
  format: z.literal(PEAKS_FORMAT),
  /** Of the interaction; the last value may stand for less than a whole stretch. */
  durationMs: z.int().nonnegative(),
  perSecond: z.int().positive(),
  /** One for each channel of the sound, left before right. */
  channels: z
    .array(
      z.strictObject({
        /** Base64, one unsigned byte for each stretch, from the interaction's start. */
        peaks: z.base64(),
      }),
    )
    .min(1)
    .max(2),
});
export type Peaks = z.infer<typeof peaksSchema>;
