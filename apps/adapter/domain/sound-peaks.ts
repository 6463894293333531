import { PEAKS_FORMAT, PEAKS_PER_SECOND, type Peaks } from "#shared/archive/peaks.ts";
import type { DurationMs } from "#shared/time/units.ts";

const STRETCH_MS: DurationMs = 1_000 / PEAKS_PER_SECOND;
const SAMPLE_BYTES = 2;
/** A sample's distance from 0 that counts as full scale. */
const FULL = 32_768;
const HIGHEST = 255;

/** What of a sound one decoder gives, in samples of the whole sound; `to` is excluded. */
export interface SampleRange {
  from: number;
  to: number;
}

/**
 * The peaks of a sound that comes in pieces, side by side and in any order: each sample counts in its stretch, and the
 * greatest wins.
 */
export class SoundPeaks {
  readonly #perStretch: number;
  readonly #channels: Uint16Array[];
  readonly #durationMs: DurationMs;

  /** @param perMs - samples of each ms and channel. */
  constructor(durationMs: DurationMs, perMs: number, channels: number) {
    this.#durationMs = durationMs;
    this.#perStretch = perMs * STRETCH_MS;
    const count = Math.ceil(durationMs / STRETCH_MS);
    this.#channels = Array.from({ length: channels }, () => new Uint16Array(count));
  }

  /**
   * Takes one decoder's samples: 16 bits, little endian, the channels one after the other.
   *
   * @param from - the sample that its first one is.
   * @param counted - which of its samples count; the others are another decoder's.
   * @returns takes its bytes, cut anywhere.
   */
  open(from: number, counted: SampleRange): (bytes: Uint8Array) => void {
    const channels = this.#channels;
    const frameBytes = SAMPLE_BYTES * channels.length;
    let left = new Uint8Array();
    let position = from;
    return (chunk) => {
      const bytes = left.length === 0 ? chunk : concat(left, chunk);
      const frames = Math.floor(bytes.length / frameBytes);
      const view = new DataView(bytes.buffer, bytes.byteOffset, frames * frameBytes);
      this.#take(view, position, counted);
      position += frames;
      left = bytes.slice(frames * frameBytes);
    };
  }

  #take(samples: DataView, position: number, { from, to }: SampleRange): void {
    const channels = this.#channels.length;
    const frames = samples.byteLength / (SAMPLE_BYTES * channels);
    const first = Math.max(0, from - position);
    const end = Math.min(frames, to - position);
    for (const [channel, peaks] of this.#channels.entries()) {
      for (let frame = first; frame < end; ) {
        const stretch = Math.floor((position + frame) / this.#perStretch);
        const stretchEnd = Math.min(end, (stretch + 1) * this.#perStretch - position);
        let most = peaks[stretch] ?? 0;
        for (; frame < stretchEnd; frame += 1) {
          const sample = samples.getInt16((frame * channels + channel) * SAMPLE_BYTES, true);
          const distance = sample < 0 ? -sample : sample;
          if (distance > most) most = distance;
        }
        // What lies after the sound's end has no stretch, and writing to it has no effect.
        peaks[stretch] = most;
      }
    }
  }

  finish(): Peaks {
    return {
      format: PEAKS_FORMAT,
      durationMs: this.#durationMs,
      perSecond: PEAKS_PER_SECOND,
      channels: this.#channels.map((peaks) => ({
        peaks: toBase64(Uint8Array.from(peaks, (most) => Math.ceil((most * HIGHEST) / FULL))),
      })),
    };
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
