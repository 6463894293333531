import type { DurationMs } from "#shared/time/units.ts";
import { AAC_PACKET_SAMPLES } from "./sound-pieces.ts";

const OPUS_PACKET_MS = 20;

/**
 * The bitstream filters that cut a stretch out of a sound in AAC, whose packets are counted from the interaction's start,
 * to the sample and without encoding it again: the packets that it needs, with times from which the muxer makes an edit
 * list that skips what of them lies before the stretch.
 *
 * @param perMs - the sound's samples.
 */
export function sliceAac(offsetMs: DurationMs, durationMs: DurationMs, perMs: number): string {
  const offset = offsetMs * perMs;
  const samples = durationMs * perMs;
  // A packet is only heard right with the one before it: that one comes along and is skipped.
  const first = Math.floor(offset / AAC_PACKET_SAMPLES);
  const last = Math.ceil((offset + samples) / AAC_PACKET_SAMPLES);
  const lead = offset - (first - 1) * AAC_PACKET_SAMPLES;
  const duration = `'if(eq(NEXT_PTS,NOPTS),max(1,${samples - (last - 1) * AAC_PACKET_SAMPLES + offset}),${AAC_PACKET_SAMPLES})'`;
  return [
    keepPackets(first, last),
    `setts=time_base=1/${perMs * 1_000}:ts='N*${AAC_PACKET_SAMPLES}-${lead}':duration=${duration}`,
  ].join(",");
}

/**
 * As {@link sliceAac}, for a sound in Opus that goes into WebM. Its packets begin every 20 ms and WebM has times in whole
 * ms, so each is put in its place. The encoder's first 6.5 ms, which the file says, are part of a packet's time in WebM.
 */
export function sliceOpus(offsetMs: DurationMs, durationMs: DurationMs): string {
  const first = Math.ceil(offsetMs / OPUS_PACKET_MS);
  const last = Math.ceil((offsetMs + durationMs) / OPUS_PACKET_MS);
  const startMs = first * OPUS_PACKET_MS - offsetMs;
  return [
    keepPackets(first, last),
    `setts=time_base=1/1000:ts='N*${OPUS_PACKET_MS}+${startMs}':duration=${OPUS_PACKET_MS}`,
  ].join(",");
}

/** `noise` is ffmpeg's only filter that lets packets go by their number; it makes no noise unless told to. */
function keepPackets(first: number, last: number): string {
  return `noise=drop='lt(n,${first})+gt(n,${last})'`;
}
