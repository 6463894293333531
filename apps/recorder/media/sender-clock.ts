import { type DurationMs, type EpochMs, VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";

/** Sender reports in the running median: about 20 s of them. */
const MEDIAN_OF = 31;
/** Seconds from NTP's era, 1900-01-01, to 1970-01-01 (RFC 5905). */
const NTP_TO_UNIX_S = 2_208_988_800;

/** Where a track's wall times come from. */
export type ClockSource = "sender-reports" | "arrival";

/** An RTCP sender report (RFC 3550 section 6.4.1): the same instant in the sender's wall clock and in RTP ticks. */
export interface SenderReport {
  /** The sender's wall clock, which may be wrong by any amount. */
  senderTime: EpochMs;
  /** Unwrapped as the pictures' are. */
  rtpTicks: number;
  /** Recorder's wall clock. */
  arrivedAt: EpochMs;
  /** Between recorder and sender; 0 when unknown. */
  roundTripMs: DurationMs;
}

/** NTP's 64-bit time stamp as epoch milliseconds, with fraction. */
export function ntpToEpochMs(seconds: number, fraction: number): EpochMs {
  return (seconds - NTP_TO_UNIX_S) * 1_000 + (fraction / 2 ** 32) * 1_000;
}

/**
 * Tells the recorder's wall time of RTP ticks. A sender report ties the ticks to the sender's clock; how far that clock is
 * off is the running median of (arrival - sender's time - half the round trip), which forgives single late reports.
 *
 * Before the first report the quickest packet's arrival stands in, which is too late by the time on the network.
 */
export class SenderClock {
  #report: SenderReport | null = null;
  readonly #offsets: DurationMs[] = [];
  #offset: DurationMs = 0;
  #quickestArrival: DurationMs = Number.POSITIVE_INFINITY;

  onPacket(rtpTicks: number, arrivedAt: EpochMs): void {
    if (this.#report !== null) return;
    this.#quickestArrival = Math.min(this.#quickestArrival, arrivedAt - rtpTicks / VIDEO_TICKS_PER_MS);
  }

  onSenderReport(report: SenderReport): void {
    this.#report = report;
    this.#offsets.push(report.arrivedAt - report.senderTime - report.roundTripMs / 2);
    if (this.#offsets.length > MEDIAN_OF) this.#offsets.shift();
    this.#offset = median(this.#offsets);
  }

  get source(): ClockSource {
    return this.#report === null ? "arrival" : "sender-reports";
  }

  /** When the picture of these ticks was captured; not finite before the first packet and report. */
  wallTimeOf(rtpTicks: number): EpochMs {
    if (this.#report === null) return this.#quickestArrival + rtpTicks / VIDEO_TICKS_PER_MS;
    return this.#report.senderTime + (rtpTicks - this.#report.rtpTicks) / VIDEO_TICKS_PER_MS + this.#offset;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
