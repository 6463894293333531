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
  frames: readonly EncodedFrame[];
  /** Why pictures were lost, if they were. */
  losses: readonly string[];
}

/** What most packets lead to. */
const NOTHING: StreamOutput = Object.freeze({ frames: [], losses: [] });

/** Until two pictures have come, so far apart are they taken to be: 5 a second. */
const USUAL_DISTANCE_TICKS = 200 * VIDEO_TICKS_PER_MS;

/** One RTP stream of a screen made into frames with times. Pure: time is an argument, the recorder's steady time. */
export class FrameStream {
  readonly #reorderer = new RtpReorderer();
  readonly #depacketizer: Depacketizer;
  readonly #runs = new SenderRuns();
  #lastTicks: number | null = null;
  /** The least from one picture to the next: so soon after the last one the first that is missing may have been. */
  #distanceTicks = USUAL_DISTANCE_TICKS;
  /** Where the stretch began that the next key frame will end; null while none is open. */
  #lostFrom: number | null = null;
  #needsKeyFrame = false;

  constructor(codec: Codec) {
    this.#depacketizer = createDepacketizer(codec);
  }

  /** Takes one packet; anything else than RTP is ignored. */
  push(bytes: Uint8Array, arrivedAt: SteadyMs): StreamOutput {
    const packet = parseRtpPacket(bytes);
    if (packet === null) return NOTHING;
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
   * Where pictures are missing by now: those that were lost since the last one, up to the next key frame, and those that
   * wait for a repair. Null while none is; what precedes the very first picture is not missing.
   */
  get missingFrom(): number | null {
    if (this.#lostFrom !== null || this.waitingUntil === null) return this.#lostFrom;
    return this.#lastTicks === null ? null : this.#lastTicks + this.#distanceTicks;
  }

  #depacketize(packets: readonly OrderedPacket[]): StreamOutput {
    let output: { frames: EncodedFrame[]; losses: string[] } | null = null;
    for (const ordered of packets) {
      const { packet, arrivedAt, afterRestart } = ordered;
      if (afterRestart) this.#runs.startAnew(packet, arrivedAt);
      this.#runs.onPacket(packet, arrivedAt);
      const { picture, lost } = this.#depacketizer.push(ordered);
      if (picture === null && lost === null) continue;
      output ??= { frames: [], losses: [] };
      if (lost !== null) {
        output.losses.push(lost);
        this.#noteLoss(this.#runs.ticksOf(packet.timestamp));
      }
      if (picture !== null) output.frames.push(this.#makeFrame(picture));
    }
    return output ?? NOTHING;
  }

  /** @param seenTicks - of the packet by which the loss was noticed: all pictures before it may be missing. */
  #noteLoss(seenTicks: number): void {
    this.#needsKeyFrame = true;
    if (this.#lastTicks === null) return;
    const nextTicks = this.#lastTicks + this.#distanceTicks;
    this.#lostFrom ??= seenTicks > this.#lastTicks ? Math.min(nextTicks, seenTicks) : nextTicks;
  }

  #makeFrame({ data, key, arrivedAt, size, codecPrivate, timestamp }: Picture): EncodedFrame {
    const rtpTicks = this.#runs.ticksOf(timestamp);
    const lostFrom = this.#lostFrom;
    if (key) this.#needsKeyFrame = false;
    if (key) this.#lostFrom = null;
    if (this.#lastTicks !== null && rtpTicks > this.#lastTicks)
      this.#distanceTicks = Math.min(this.#distanceTicks, rtpTicks - this.#lastTicks);
    this.#lastTicks = rtpTicks;
    const isAfterLoss = lostFrom !== null && lostFrom < rtpTicks;
    return {
      ...{ data, key, rtpTicks, arrivedAt, ...size },
      ...(codecPrivate && { codecPrivate }),
      ...(isAfterLoss && { lostFrom }),
    };
  }
}
