import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import { CounterUnwrapper } from "./counter-unwrapper.ts";
import type { RtpPacket } from "./rtp-packet.ts";
import { type ClockSource, SenderClock } from "./sender-clock.ts";
import { isTimestampFarOff, type TimestampAt } from "./timestamp-jump.ts";

/** An RTCP sender report as it is on the wire. */
export interface WireSenderReport {
  /** Not used, see {@link SenderClock}. */
  ntpSec: number;
  ntpFrac: number;
  /** 32 bits. */
  rtpTs: number;
}

/** How far the ticks of a run are from those before: more than time stamps can say, so that none is in two runs. */
const RUN_DISTANCE_TICKS = 2 ** 33;
/** Runs whose times can be told. The files of a run are closed soon after it; one that is followed at once has none. */
const MAX_RUNS = 16;

/** One run of a sender: from its start to where it started anew. */
interface Run {
  /** Added to the run's own count of ticks. */
  baseTicks: number;
  /** Packets and reports share it, so that a screen that is still for hours keeps its place. */
  timestamps: CounterUnwrapper;
  clock: SenderClock;
}

interface ArrivedReport {
  report: WireSenderReport;
  arrivedAt: SteadyMs;
  roundTripMs: DurationMs;
}

/**
 * The ticks of a stream, one count over all restarts of its sender, and their steady time. Each run of the sender has its own
 * origin of ticks and so a clock of its own; pictures of an earlier run keep their times.
 */
export class SenderRuns {
  readonly #runs: Run[] = [];
  #current = this.#begin(0);
  /** The last packet or report of the present run. */
  #newest: TimestampAt | null = null;
  /** A report that does not fit: the sender may have started anew, and its packets are still on their way. */
  #early: ArrivedReport | null = null;

  /** The sender has started anew; `first` is its first packet, still to be told. */
  startAnew(first: RtpPacket, arrivedAt: SteadyMs): void {
    const { baseTicks, timestamps } = this.#current;
    this.#current = this.#begin(baseTicks + (timestamps.newest ?? 0) + RUN_DISTANCE_TICKS);
    this.#newest = { timestamp: first.timestamp, arrivedAt };
    if (this.#early !== null && this.#fits(this.#early)) this.#take(this.#early);
    this.#early = null;
  }

  /** Packets come in the order of the stream. */
  onPacket({ timestamp, payload }: RtpPacket, arrivedAt: SteadyMs): void {
    const ticks = this.#current.timestamps.unwrap(timestamp);
    this.#current.clock.onPacket(ticks, arrivedAt);
    // Padding repeats the time stamp of the last picture, however long ago that was.
    if (payload.byteLength > 0) this.#newest = { timestamp, arrivedAt };
  }

  onSenderReport(report: WireSenderReport, arrivedAt: SteadyMs, roundTripMs: DurationMs): void {
    const arrived = { report, arrivedAt, roundTripMs };
    if (this.#fits(arrived)) this.#take(arrived);
    else this.#early = arrived;
  }

  /** The ticks of a time stamp of the present run. */
  ticksOf(timestamp: number): number {
    return this.#current.baseTicks + this.#current.timestamps.peek(timestamp);
  }

  steadyTimeOf(ticks: number): SteadyMs {
    // A run's own count may begin a little below 0: its first packets need not be its oldest.
    const isOf = (run: Run) => run.baseTicks - RUN_DISTANCE_TICKS / 2 <= ticks;
    const { clock, baseTicks } = this.#runs.findLast(isOf) ?? this.#current;
    return clock.steadyTimeOf(ticks - baseTicks);
  }

  get clockSource(): ClockSource {
    return this.#current.clock.source;
  }

  #begin(baseTicks: number): Run {
    const run = { baseTicks, timestamps: new CounterUnwrapper(32), clock: new SenderClock() };
    this.#runs.push(run);
    if (this.#runs.length > MAX_RUNS) this.#runs.shift();
    return run;
  }

  #fits({ report, arrivedAt }: ArrivedReport): boolean {
    return this.#newest === null || !isTimestampFarOff(this.#newest, { timestamp: report.rtpTs, arrivedAt });
  }

  #take({ report, arrivedAt, roundTripMs }: ArrivedReport): void {
    this.#early = null;
    this.#newest = { timestamp: report.rtpTs, arrivedAt };
    this.#current.clock.onSenderReport({
      rtpTicks: this.#current.timestamps.unwrap(report.rtpTs),
      arrivedAt,
      roundTripMs,
    });
  }
}
