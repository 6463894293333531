import type { DurationMs } from "#shared/time/units.ts";

/** Samples that an AAC packet adds to the sound (ISO/IEC 14496-3, AAC-LC). */
export const AAC_PACKET_SAMPLES = 1_024;
/**
 * Packets that are encoded before the ones that are kept, a second or more: from the third on ffmpeg's encoder chooses the
 * windows that it chooses when it comes from further back, and the limiter remembers some 50 ms.
 */
const LEAD_PACKETS = 24;
/** Packets after the ones that are kept; to choose a window the encoder looks at the next one. */
const TRAIL_PACKETS = 4;
/** Below this a second process costs more than it saves. */
const PIECE_LEAST_MS: DurationMs = 60_000;

/** A part of an interaction's sound that one process mixes and encodes. */
export interface SoundPiece {
  /** Samples of the interaction that go into the encoder; `to` is excluded. */
  from: number;
  to: number;
  /** Packets of its output that are part of the sound: after the first `skip` ones so many. */
  skip: number;
  keep: number;
  /** Samples that are heard from this piece; `to` is excluded. */
  heard: { from: number; to: number };
}

/**
 * Cuts the sound into pieces that are encoded by themselves and then joined packet by packet: they begin on packets'
 * borders of the whole, so that each packet has the samples and the windows that one process would have given it, and
 * the overlap of two packets fits also where two pieces meet.
 *
 * Packet 0 of an AAC stream only primes the decoder, so packet n ends with sample n × 1024.
 *
 * @param samples - of the whole sound, at `perMs` each ms.
 * @param most - how many pieces at most.
 */
export function cutSound(samples: number, perMs: number, most: number): SoundPiece[] {
  const packets = countPackets(samples);
  const count = Math.min(most, Math.max(1, Math.floor(samples / perMs / PIECE_LEAST_MS)));
  return Array.from({ length: count }, (_, index) => {
    const first = Math.round((packets * index) / count);
    const end = Math.round((packets * (index + 1)) / count);
    const start = Math.max(0, first - LEAD_PACKETS);
    return {
      from: start * AAC_PACKET_SAMPLES,
      to: Math.min(samples, (end + TRAIL_PACKETS) * AAC_PACKET_SAMPLES),
      skip: first - start,
      keep: end - first,
      heard: { from: startOf(first), to: Math.min(samples, startOf(end)) },
    };
  });
}

/** The first sample that a packet ends with; packet 0 has none. */
function startOf(packet: number): number {
  return Math.max(0, packet - 1) * AAC_PACKET_SAMPLES;
}

/** How many packets a sound has. */
export function countPackets(samples: number): number {
  return Math.ceil(samples / AAC_PACKET_SAMPLES) + 1;
}
