import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import { VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { EncodedFrame } from "../capture/ports.ts";
import type { Depacketizer, Picture } from "./depacketizer.ts";
import { createDepacketizer } from "./picture-depacketizer.ts";
import { parseRtpPacket } from "./rtp-packet.ts";
import { type OrderedPacket, RtpReorderer } from "./rtp-reorderer.ts";
import type { ClockSource } from "./sender-clock.ts";
import { SenderRuns, type WireSenderReport } from "./sender-runs.ts";

/** What packets led to. */
export interface StreamOutput {
  frames: EncodedFrame[];
  /** Why pictures were lost, if they were. */
  losses: string[];
}

/** A picture is taken to last as long as the one before it, but not longer than this. */
const MAX_PICTURE_TICKS = 1_000 * VIDEO_TICKS_PER_MS;
/** How long the first picture is taken to last: one at 5 per second. */
const FIRST_PICTURE_TICKS = 200 * VIDEO_TICKS_PER_MS;

/** One RTP stream of a screen made into frames with times. Pure: time is an argument, the recorder's steady time. */
export class FrameStream {
  readonly #reorderer = new RtpReorderer();
  readonly #depacketizer: Depacketizer;
  readonly #runs = new SenderRuns();
  /** The last picture that came out, and where it is taken to end. */
  #last: { ticks: number; endTicks: number } | null = null;
  #lostFrom: number | null = null;
  #needsKeyFrame = false;

  constructor(codec: Codec) {
    this.#depacketizer = createDepacketizer(codec);
  }

  /** Takes one packet; anything else than RTP is ignored. */
  push(bytes: Uint8Array, arrivedAt: SteadyMs): StreamOutput {
    const packet = parseRtpPacket(bytes);
    if (packet === null) return { frames: [], losses: [] };
    return this.#depacketize(this.#reorderer.push(packet, arrivedAt));
  }

  /** Gives up what was waited for too long; to be called at {@link waitingUntil}. */
  releaseOverdue(now: SteadyMs): StreamOutput {
    return this.#depacketize(this.#reorderer.releaseOverdue(now));
  }

  get waitingUntil(): SteadyMs | null {
    return this.#reorderer.waitingUntil;
  }

  onSenderReport(report: WireSenderReport, arrivedAt: SteadyMs, roundTripMs: DurationMs): void {
    this.#runs.onSenderReport(report, arrivedAt, roundTripMs);
  }

  /** When the picture of these ticks was captured, as well as the sender reports tell it by now. */
  steadyTimeOf(rtpTicks: number): SteadyMs {
    return this.#runs.steadyTimeOf(rtpTicks);
  }

  get clockSource(): ClockSource {
    return this.#runs.clockSource;
  }

  /** Pictures were lost, and nothing can be shown before the next key frame. */
  get needsKeyFrame(): boolean {
    return this.#needsKeyFrame;
  }

  /**
   * Where the stretch of lost pictures began that the next key frame will end: the end of the last picture. Null while
   * none is missing; what precedes the very first picture is not.
   */
  get lostFrom(): number | null {
    return this.#lostFrom;
  }

  #depacketize(packets: readonly OrderedPacket[]): StreamOutput {
    const output: StreamOutput = { frames: [], losses: [] };
    for (const ordered of packets) {
      const { packet, arrivedAt, afterRestart = false } = ordered;
      if (afterRestart) this.#runs.startAnew(packet, arrivedAt);
      this.#runs.onPacket(packet, arrivedAt);
      const { picture, lost } = this.#depacketizer.push(ordered);
      if (lost !== null) {
        output.losses.push(lost);
        this.#noteLoss(this.#runs.ticksOf(packet.timestamp));
      }
      if (picture !== null) output.frames.push(this.#makeFrame(picture));
    }
    return output;
  }

  /** @param seenTicks - of the packet by which the loss was noticed: all pictures before it may be missing. */
  #noteLoss(seenTicks: number): void {
    this.#needsKeyFrame = true;
    if (this.#last === null) return;
    const { ticks, endTicks } = this.#last;
    this.#lostFrom ??= seenTicks > ticks ? Math.min(endTicks, seenTicks) : endTicks;
  }

  #makeFrame({ data, key, arrivedAt, size, codecPrivate, timestamp }: Picture): EncodedFrame {
    const rtpTicks = this.#runs.ticksOf(timestamp);
    const lostFrom = this.#lostFrom;
    if (key) this.#needsKeyFrame = false;
    if (key) this.#lostFrom = null;
    const distance = this.#last === null ? FIRST_PICTURE_TICKS : Math.abs(rtpTicks - this.#last.ticks);
    this.#last = { ticks: rtpTicks, endTicks: rtpTicks + Math.min(distance, MAX_PICTURE_TICKS) };
    const isAfterLoss = lostFrom !== null && lostFrom < rtpTicks;
    return {
      ...{ data, key, rtpTicks, arrivedAt, ...size },
      ...(codecPrivate && { codecPrivate }),
      ...(isAfterLoss && { lostFrom }),
    };
  }
}
