import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { EncodedFrame } from "../capture/ports.ts";
import { CounterUnwrapper } from "./counter-unwrapper.ts";
import type { Depacketizer } from "./depacketizer.ts";
import { parseRtpPacket } from "./rtp-packet.ts";
import { type OrderedPacket, RtpReorderer } from "./rtp-reorderer.ts";
import { type ClockSource, ntpToEpochMs, SenderClock } from "./sender-clock.ts";
import { Vp9Depacketizer } from "./vp9-depacketizer.ts";

/** An RTCP sender report as it is on the wire. */
export interface WireSenderReport {
  ntpSec: number;
  ntpFrac: number;
  /** 32 bits. */
  rtpTs: number;
}

/** What packets led to. */
export interface StreamOutput {
  frames: EncodedFrame[];
  /** Why pictures were lost, if they were: a key frame is needed. */
  losses: string[];
}

/** One RTP stream of a screen made into frames with times. Pure: time is an argument. */
export class FrameStream {
  readonly #reorderer = new RtpReorderer();
  readonly #depacketizer: Depacketizer;
  /** Packets and reports share it, so that a screen that is still for hours keeps its place. */
  readonly #timestamps = new CounterUnwrapper(32);
  readonly #clock = new SenderClock();

  constructor(codec: Codec) {
    this.#depacketizer = createDepacketizer(codec);
  }

  /** Takes one packet; anything else than RTP is ignored. */
  push(bytes: Uint8Array, arrivedAt: EpochMs): StreamOutput {
    const packet = parseRtpPacket(bytes);
    if (packet === null) return { frames: [], losses: [] };
    this.#clock.onPacket(this.#timestamps.unwrap(packet.timestamp), arrivedAt);
    return this.#depacketize(this.#reorderer.push(packet, arrivedAt));
  }

  /** Gives up what was waited for too long; to be called at {@link waitingUntil}. */
  releaseOverdue(now: EpochMs): StreamOutput {
    return this.#depacketize(this.#reorderer.releaseOverdue(now));
  }

  get waitingUntil(): EpochMs | null {
    return this.#reorderer.waitingUntil;
  }

  onSenderReport(report: WireSenderReport, arrivedAt: EpochMs, roundTripMs: DurationMs): void {
    this.#clock.onSenderReport({
      senderTime: ntpToEpochMs(report.ntpSec, report.ntpFrac),
      rtpTicks: this.#timestamps.unwrap(report.rtpTs),
      arrivedAt,
      roundTripMs,
    });
  }

  wallTimeOf(rtpTicks: number): EpochMs {
    return this.#clock.wallTimeOf(rtpTicks);
  }

  get clockSource(): ClockSource {
    return this.#clock.source;
  }

  #depacketize(packets: readonly OrderedPacket[]): StreamOutput {
    const output: StreamOutput = { frames: [], losses: [] };
    for (const ordered of packets) {
      const { picture, lost } = this.#depacketizer.push(ordered);
      if (lost !== null) output.losses.push(lost);
      if (picture === null) continue;
      const { data, key, arrivedAt, size, timestamp } = picture;
      const rtpTicks = this.#timestamps.peek(timestamp);
      output.frames.push({ data, key, rtpTicks, arrivedAt, ...size });
    }
    return output;
  }
}

/** @throws DeskreelError `CODEC_NOT_SUPPORTED` */
function createDepacketizer(codec: Codec): Depacketizer {
  if (codec === "vp9") return new Vp9Depacketizer();
  throw new DeskreelError("CODEC_NOT_SUPPORTED", `codec ${codec} cannot be recorded yet; vp9 can`);
}
