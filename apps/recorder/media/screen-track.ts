import type { types } from "mediasoup";
import type { Codec } from "#shared/api/recording.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { FrameSink, ScreenTrack } from "../capture/ports.ts";
import { FrameStream, type StreamOutput, type WireSenderReport } from "./frame-stream.ts";
import { KeyFrameRequests } from "./key-frame-requests.ts";
import type { ClockSource } from "./sender-clock.ts";

/** How often the round trip is looked up once it is known; half of it is part of every wall time. */
const ROUND_TRIP_EVERY_MS: DurationMs = 5_000;

/** What a track taps: the producer of a monitor and its consumer on a DirectTransport. The track closes them. */
export interface TrackTap {
  producer: types.Producer;
  consumer: types.Consumer;
  codec: Codec;
}

/** A monitor's live stream: packets from mediasoup in, frames with times out to any number of sinks. */
export class MediasoupScreenTrack implements ScreenTrack {
  readonly producerId: string;
  readonly codec: Codec;
  readonly #tap: TrackTap;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stream: FrameStream;
  readonly #requests = new KeyFrameRequests();
  /** Each sink, and whether it had its first key frame. */
  readonly #sinks = new Map<FrameSink, { started: boolean }>();
  #lastSignAt: EpochMs;
  #roundTripMs: DurationMs = 0;
  #roundTripAskedAt: EpochMs = Number.NEGATIVE_INFINITY;
  #repairTimer: NodeJS.Timeout | undefined;
  #requestTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(tap: TrackTap, clock: Clock, log: Log) {
    this.#tap = tap;
    this.#clock = clock;
    this.producerId = tap.producer.id;
    this.codec = tap.codec;
    this.#log = log.child({ producerId: this.producerId });
    this.#stream = new FrameStream(tap.codec);
    this.#lastSignAt = clock.now();
    // mediasoup asks for a key frame by itself when a consumer begins.
    this.#requests.onSent(this.#lastSignAt);
    tap.consumer.on("rtp", (packet) => this.#takePacket(packet));
    tap.producer.on("trace", (trace) => {
      if (trace.type === "sr") this.#takeSenderReport(trace.info as unknown as WireSenderReport);
    });
    tap.producer.observer.once("close", () => this.#close());
  }

  addSink(sink: FrameSink): void {
    if (this.#closed || this.#sinks.has(sink)) return;
    this.#sinks.set(sink, { started: false });
    this.requestKeyFrame();
  }

  removeSink(sink: FrameSink): void {
    this.#sinks.delete(sink);
  }

  requestKeyFrame(): void {
    this.#requests.want();
    this.#requestIfDue();
  }

  wallTimeOf(rtpTicks: number): EpochMs {
    return this.#stream.wallTimeOf(rtpTicks);
  }

  get clockSource(): ClockSource {
    return this.#stream.clockSource;
  }

  get lastSignAt(): EpochMs {
    return this.#lastSignAt;
  }

  // oxlint-disable-next-line typescript/require-await -- mediasoup closes without waiting
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#repairTimer);
    clearTimeout(this.#requestTimer);
    this.#sinks.clear();
    // Closes the consumer with it, and is without effect when the transport was closed before.
    this.#tap.producer.close();
  }

  #takePacket(packet: Uint8Array): void {
    if (this.#closed) return;
    const now = this.#clock.now();
    this.#lastSignAt = now;
    this.#deliver(this.#stream.push(packet, now));
  }

  #takeSenderReport(report: WireSenderReport): void {
    if (this.#closed) return;
    const now = this.#clock.now();
    this.#lastSignAt = now;
    this.#stream.onSenderReport(report, now, this.#roundTripMs);
    if (this.#roundTripMs === 0 || now - this.#roundTripAskedAt >= ROUND_TRIP_EVERY_MS) {
      this.#roundTripAskedAt = now;
      void this.#lookUpRoundTrip();
    }
  }

  async #lookUpRoundTrip(): Promise<void> {
    try {
      const stats = await this.#tap.producer.getStats();
      const primary = stats.find((stream) => stream.roundTripTime !== undefined);
      this.#roundTripMs = primary?.roundTripTime ?? this.#roundTripMs;
    } catch (error) {
      // A producer that closed meanwhile is no fault; anything else costs half a round trip of precision.
      if (!this.#closed) this.#log.warn({ error: describeError(error) }, "round trip unknown");
    }
  }

  #deliver({ frames, losses }: StreamOutput): void {
    for (const frame of frames) {
      if (frame.key) this.#requests.onKeyFrame();
      for (const [sink, state] of this.#sinks) {
        state.started ||= frame.key;
        if (state.started) sink.push(frame);
      }
    }
    if (losses.length > 0) {
      this.#log.warn({ losses: [...new Set(losses)] }, "pictures lost");
      this.#requests.onLoss();
    }
    this.#requestIfDue();
    this.#scheduleRepairEnd();
  }

  #scheduleRepairEnd(): void {
    clearTimeout(this.#repairTimer);
    const until = this.#stream.waitingUntil;
    if (until === null || this.#closed) return;
    this.#repairTimer = setTimeout(
      () => this.#deliver(this.#stream.releaseOverdue(this.#clock.now())),
      Math.max(1, until - this.#clock.now()),
    );
  }

  #requestIfDue(): void {
    clearTimeout(this.#requestTimer);
    if (this.#closed) return;
    const now = this.#clock.now();
    if (this.#requests.due(now)) {
      this.#requests.onSent(now);
      this.#tap.consumer.requestKeyFrame().catch((error: unknown) => {
        if (!this.#closed) this.#log.warn({ error: describeError(error) }, "key frame not requested");
      });
    }
    const dueAt = this.#requests.dueAt;
    if (dueAt !== null) this.#requestTimer = setTimeout(() => this.#requestIfDue(), Math.max(1, dueAt - now));
  }
}
