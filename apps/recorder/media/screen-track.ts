import type { types } from "mediasoup";
import type { Codec } from "#shared/api/recording.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { FrameSink, ScreenTrack } from "../capture/ports.ts";
import { FrameFeed } from "./frame-feed.ts";
import type { ClockSource } from "./sender-clock.ts";
import type { WireSenderReport } from "./sender-runs.ts";

/** How often the round trip is looked up once it is known; half of it is part of every picture's time. */
const ROUND_TRIP_EVERY_MS: DurationMs = 5_000;
/** While it is unknown it is looked up at each report, but no more often than this: a sender may never tell it. */
const EARLY_LOOK_UPS = 5;

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
  readonly #clock: SteadyClock;
  readonly #log: Log;
  readonly #feed: FrameFeed;
  #roundTripMs: DurationMs = 0;
  #roundTripAskedAt: SteadyMs = Number.NEGATIVE_INFINITY;
  #roundTripAsked = 0;

  constructor(tap: TrackTap, clock: SteadyClock, log: Log) {
    this.#tap = tap;
    this.#clock = clock;
    this.producerId = tap.producer.id;
    this.codec = tap.codec;
    this.#log = log.child({ producerId: this.producerId });
    this.#feed = new FrameFeed(tap.codec, clock, () => this.#sendKeyFrameRequest(), this.#log);
    tap.consumer.on("rtp", (packet) => this.#feed.takePacket(packet));
    tap.producer.on("trace", (trace) => {
      if (trace.type === "sr") this.#takeSenderReport(trace.info as unknown as WireSenderReport);
    });
    tap.producer.observer.once("close", () => this.#feed[Symbol.dispose]());
  }

  addSink(sink: FrameSink): void {
    this.#feed.addSink(sink);
  }

  removeSink(sink: FrameSink): void {
    this.#feed.removeSink(sink);
  }

  requestKeyFrame(): void {
    this.#feed.requestKeyFrame();
  }

  steadyTimeOf(rtpTicks: number): SteadyMs {
    return this.#feed.steadyTimeOf(rtpTicks);
  }

  get clockSource(): ClockSource {
    return this.#feed.clockSource;
  }

  get missingFrom(): number | null {
    return this.#feed.missingFrom;
  }

  get lastSignAt(): SteadyMs {
    return this.#feed.lastSignAt;
  }

  // oxlint-disable-next-line typescript/require-await -- mediasoup closes without waiting
  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed[Symbol.dispose]();
    // Closes the consumer with it, and is without effect when the transport was closed before.
    this.#tap.producer.close();
  }

  #takeSenderReport(report: WireSenderReport): void {
    this.#feed.takeSenderReport(report, this.#roundTripMs);
    const now = this.#clock.steady();
    const isEarly = this.#roundTripMs === 0 && this.#roundTripAsked < EARLY_LOOK_UPS;
    if (isEarly || now - this.#roundTripAskedAt >= ROUND_TRIP_EVERY_MS) {
      this.#roundTripAskedAt = now;
      this.#roundTripAsked += 1;
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
      if (!this.#tap.producer.closed) this.#log.warn({ error: describeError(error) }, "round trip unknown");
    }
  }

  #sendKeyFrameRequest(): void {
    this.#tap.consumer.requestKeyFrame().catch((error: unknown) => {
      if (!this.#tap.producer.closed)
        this.#log.warn({ error: describeError(error) }, "key frame not requested");
    });
  }
}
