import type { Codec } from "#shared/api/recording.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { FrameSink } from "../capture/ports.ts";
import { FrameStream, type StreamOutput } from "./frame-stream.ts";
import { KeyFrameRequests } from "./key-frame-requests.ts";
import type { ClockSource } from "./sender-clock.ts";
import type { WireSenderReport } from "./sender-runs.ts";

/**
 * One RTP stream fed to any number of sinks: packets and sender reports in, frames with times out. It keeps the time of
 * repairs, and asks for a key frame when one is needed: a new sink, lost pictures, or whoever wishes one.
 */
export class FrameFeed implements Disposable {
  readonly #clock: SteadyClock;
  readonly #log: Log;
  readonly #askForKeyFrame: () => void;
  readonly #stream: FrameStream;
  readonly #requests = new KeyFrameRequests();
  /** Each sink, and whether it had its first key frame. */
  readonly #sinks = new Map<FrameSink, { started: boolean }>();
  #lastSignAt: SteadyMs;
  #repairTimer: NodeJS.Timeout | undefined;
  /** What the timer is set to. */
  #repairUntil: SteadyMs | null = null;
  #requestTimer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param askForKeyFrame - sends a request; called as often as requests may be sent, and no more. */
  constructor(codec: Codec, clock: SteadyClock, askForKeyFrame: () => void, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#askForKeyFrame = askForKeyFrame;
    this.#stream = new FrameStream(codec);
    this.#lastSignAt = clock.steady();
    // mediasoup asks for a key frame by itself when a consumer begins.
    this.#requests.onSent(this.#lastSignAt);
  }

  takePacket(bytes: Uint8Array): void {
    if (this.#closed) return;
    const now = this.#clock.steady();
    this.#lastSignAt = now;
    this.#deliver(this.#stream.push(bytes, now), now);
  }

  takeSenderReport(report: WireSenderReport, roundTripMs: DurationMs): void {
    if (this.#closed) return;
    const now = this.#clock.steady();
    this.#lastSignAt = now;
    this.#stream.onSenderReport(report, now, roundTripMs);
  }

  addSink(sink: FrameSink): void {
    if (this.#closed || this.#sinks.has(sink)) return;
    this.#sinks.set(sink, { started: false });
    this.requestKeyFrame();
  }

  removeSink(sink: FrameSink): void {
    this.#sinks.delete(sink);
  }

  /** Rate-limited. */
  requestKeyFrame(): void {
    this.#requests.want();
    this.#requestIfDue(this.#clock.steady());
  }

  steadyTimeOf(rtpTicks: number): SteadyMs {
    return this.#stream.steadyTimeOf(rtpTicks);
  }

  get clockSource(): ClockSource {
    return this.#stream.clockSource;
  }

  /** See {@link FrameStream.missingFrom}. */
  get missingFrom(): number | null {
    return this.#stream.missingFrom;
  }

  /** When the last packet or sender report came. */
  get lastSignAt(): SteadyMs {
    return this.#lastSignAt;
  }

  /** Nothing is taken or asked for any more. */
  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#repairTimer);
    clearTimeout(this.#requestTimer);
    this.#sinks.clear();
  }

  #deliver({ frames, losses }: StreamOutput, now: SteadyMs): void {
    for (const frame of frames) {
      if (frame.key) this.#requests.onKeyFrame();
      for (const [sink, state] of this.#sinks) {
        state.started ||= frame.key;
        if (state.started) sink.push(frame);
      }
    }
    if (losses.length > 0) {
      this.#log.warn({ losses: [...new Set(losses)] }, "pictures lost");
      if (this.#stream.needsKeyFrame) this.#requests.onLoss();
    }
    if (this.#requests.dueAt !== null || this.#requestTimer !== undefined) this.#requestIfDue(now);
    this.#scheduleRepairEnd(now);
  }

  #scheduleRepairEnd(now: SteadyMs): void {
    const until = this.#stream.waitingUntil;
    // Packets come by the hundred while one is waited for.
    if (until === this.#repairUntil) return;
    clearTimeout(this.#repairTimer);
    this.#repairUntil = until;
    if (until === null || this.#closed) return;
    const isDue = () => {
      this.#repairUntil = null;
      const dueAt = this.#clock.steady();
      this.#deliver(this.#stream.releaseOverdue(dueAt), dueAt);
    };
    this.#repairTimer = setTimeout(isDue, Math.max(1, until - now));
  }

  #requestIfDue(now: SteadyMs): void {
    clearTimeout(this.#requestTimer);
    this.#requestTimer = undefined;
    if (this.#closed) return;
    if (this.#requests.due(now)) {
      this.#requests.onSent(now);
      this.#askForKeyFrame();
    }
    const dueAt = this.#requests.dueAt;
    if (dueAt === null) return;
    const isDue = () => this.#requestIfDue(this.#clock.steady());
    this.#requestTimer = setTimeout(isDue, Math.max(1, dueAt - now));
  }
}
