import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** Samples per second of all sound made here: what telephony has, and whole samples for every whole ms. */
export const SAMPLE_RATE = 16_000;

/** Half of full scale leaves room for a mix and for a lossy codec's overshoot. */
const AMPLITUDE = 16_000;

/** Mono, 16 bits, {@link SAMPLE_RATE}. */
export type Samples = Int16Array;

/** How many samples a length of time has; exact for whole ms. */
export function samplesIn(duration: DurationMs): number {
  return Math.round((duration * SAMPLE_RATE) / 1000);
}

/** Silence of a length. */
export function silence(duration: DurationMs): Samples {
  return new Int16Array(samplesIn(duration));
}

/** Copies a sound into another at a sample; what reaches past the end is cut. */
export function placeSound(into: Samples, sound: Samples, at: number): void {
  const fitting = sound.subarray(0, Math.max(0, into.length - at));
  into.set(fitting, Math.min(at, into.length));
}

/**
 * Adds a sine tone that begins exactly at a sample and has no fade, so that its onset is sharp; a tone that began
 * before the sound (`at` negative) is heard from where it is by then.
 */
function addTone(into: Samples, tone: { at: number; duration: DurationMs; hz: number }): void {
  const length = samplesIn(tone.duration);
  for (let index = Math.max(0, -tone.at); index < length && tone.at + index < into.length; index += 1) {
    // A cosine is loud from its first sample on; a sine would begin with a zero.
    into[tone.at + index] = AMPLITUDE * Math.cos((2 * Math.PI * tone.hz * index) / SAMPLE_RATE);
  }
}

/** The wall-clock instants in [from, to) whose epoch ms are multiples of `every`. */
export function epochMultiples(from: EpochMs, to: EpochMs, every: DurationMs): EpochMs[] {
  const instants: EpochMs[] = [];
  for (let at = Math.ceil(from / every) * every; at < to; at += every) instants.push(at);
  return instants;
}

/**
 * A sound with a beep at every wall-clock multiple of `everyMs`.
 *
 * @param startsAt - the instant of the first sample.
 */
export function synthesizeBeeps(
  startsAt: EpochMs,
  duration: DurationMs,
  beeps: { everyMs: DurationMs; beepMs: DurationMs; hz: number },
): Samples {
  const sound = silence(duration);
  for (const instant of epochMultiples(startsAt - beeps.beepMs, startsAt + duration, beeps.everyMs)) {
    addTone(sound, { at: samplesIn(instant - startsAt), duration: beeps.beepMs, hz: beeps.hz });
  }
  return sound;
}

/** A sound with tones at given times after its start. */
export function synthesizeTones(
  duration: DurationMs,
  tones: { atMs: readonly DurationMs[]; toneMs: DurationMs; hz: number },
): Samples {
  const sound = silence(duration);
  for (const atMs of tones.atMs)
    addTone(sound, { at: samplesIn(atMs), duration: tones.toneMs, hz: tones.hz });
  return sound;
}
