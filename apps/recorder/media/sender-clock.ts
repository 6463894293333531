import { type DurationMs, type SteadyMs, VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";

/** Sender reports in a median: about 20 s of them, in which a clock that is wrong by 200 ppm strays by 4 ms. */
const MEDIAN_OF = 31;
/** Reports remembered, at least 2 minutes of them: the beginning of a segment is placed when it ends, up to 90 s later. */
const MAX_REPORTS = 320;
/** Stretches of a stream between jumps of its ticks that are remembered. */
const MAX_STRETCHES = 8;
/** No network makes this difference several times alike; below it, the median takes it for lateness. */
const JUMP_MS: DurationMs = 1_000;
/** So many reports in a row that say the same, to within {@link ALIKE_MS}, are a jump and not a network that stalls. */
const JUMP_REPORTS = 3;
const ALIKE_MS: DurationMs = 100;
/** With fewer reports than this, nothing can be said against one; and the quickest packet may still know better. */
const MIN_REPORTS = 5;

/** Where a track's times come from. */
export type ClockSource = "sender-reports" | "arrival";

/** Of an RTCP sender report (RFC 3550 section 6.4.1): what the sender's RTP clock said when it was sent. */
export interface SenderReport {
  /** Unwrapped as the pictures' are. */
  rtpTicks: number;
  arrivedAt: SteadyMs;
  /** Between recorder and sender; 0 when unknown. */
  roundTripMs: DurationMs;
}

interface KnownReport {
  rtpTicks: number;
  /** The steady time of tick 0, going by this report alone. */
  zero: SteadyMs;
  /** Median of the reports around this one; it holds up to that count of reports. */
  median: { zero: SteadyMs; upTo: number } | null;
}

/** Reports between two jumps of the sender's ticks, by ticks. */
interface Stretch {
  fromTicks: number;
  reports: KnownReport[];
  /** Reports that it has had, also those that are forgotten. */
  count: number;
}

/**
 * Tells the recorder's steady time of RTP ticks. A sender report says when the sender's clock stood at which tick; it
 * takes half the round trip to come, and single ones take much longer. So the time of a tick goes by the median of the
 * reports next to it: of those on both sides once they are there, which forgives late reports and follows a clock that is
 * fast or slow without lag. Where the ticks themselves jump (a computer that slept), a new median begins.
 *
 * The report's NTP time is not used. A sender reads it off the clock that its ticks come from, so it tells nothing more; it
 * is wrong by any amount, and it leaps when somebody sets that clock.
 *
 * Before the first report the quickest packet's arrival stands in, which is too late by the time on the network.
 */
export class SenderClock {
  /** Oldest first. */
  readonly #stretches: Stretch[] = [];
  /** The last reports, if they disagree with those before them by more than {@link JUMP_MS}. */
  #doubtful: KnownReport[] = [];
  #quickestPacket: SteadyMs = Number.POSITIVE_INFINITY;
  #roundTripMs: DurationMs = 0;

  onPacket(rtpTicks: number, arrivedAt: SteadyMs): void {
    if (this.#isSettled) return;
    this.#quickestPacket = Math.min(this.#quickestPacket, arrivedAt - rtpTicks / VIDEO_TICKS_PER_MS);
  }

  onSenderReport({ rtpTicks, arrivedAt, roundTripMs }: SenderReport): void {
    this.#roundTripMs = roundTripMs;
    const zero = arrivedAt - roundTripMs / 2 - rtpTicks / VIDEO_TICKS_PER_MS;
    const report: KnownReport = { rtpTicks, zero, median: null };
    const stretch = this.#stretches.at(-1);
    if (stretch === undefined) this.#begin([report]);
    else if (this.#isDoubtful(stretch, report)) this.#doubt(report);
    else this.#add(stretch, report);
  }

  get source(): ClockSource {
    return this.#stretches.length === 0 ? "arrival" : "sender-reports";
  }

  /** When the picture of these ticks was captured; not finite before the first packet and report. */
  steadyTimeOf(rtpTicks: number): SteadyMs {
    return this.#zeroAt(rtpTicks) + rtpTicks / VIDEO_TICKS_PER_MS;
  }

  #zeroAt(rtpTicks: number): SteadyMs {
    const stretch = this.#stretches.findLast(({ fromTicks }) => fromTicks <= rtpTicks) ?? this.#stretches[0];
    if (stretch === undefined) return this.#quickestPacket;
    const zero = medianAround(stretch, nearestTo(stretch.reports, rtpTicks));
    // What arrived was sent before: the first reports may all be later than that.
    return this.#isSettled ? zero : Math.min(zero, this.#quickestPacket - this.#roundTripMs / 2);
  }

  /** Whether the reports are enough to do without packets. */
  get #isSettled(): boolean {
    return this.#stretches.length > 1 || (this.#stretches[0]?.count ?? 0) >= MIN_REPORTS;
  }

  #isDoubtful(stretch: Stretch, { zero }: KnownReport): boolean {
    if (stretch.count < MIN_REPORTS) return false;
    return Math.abs(zero - medianAround(stretch, stretch.reports.length - 1)) > JUMP_MS;
  }

  #doubt(report: KnownReport): void {
    const before = this.#doubtful.at(-1);
    const goesOn =
      before !== undefined &&
      report.rtpTicks > before.rtpTicks &&
      Math.abs(report.zero - before.zero) <= ALIKE_MS;
    // The same one again says nothing new.
    if (before !== undefined && report.rtpTicks === before.rtpTicks) return;
    if (!goesOn) this.#doubtful = [];
    this.#doubtful.push(report);
    if (this.#doubtful.length < JUMP_REPORTS) return;
    this.#begin(this.#doubtful);
    this.#doubtful = [];
  }

  #begin(reports: KnownReport[]): void {
    const last = this.#stretches.at(-1)?.reports.at(-1)?.rtpTicks ?? Number.NEGATIVE_INFINITY;
    const first = reports[0]?.rtpTicks ?? 0;
    // Pictures after the last report that fitted are taken to come after the jump, unless the ticks have run back.
    this.#stretches.push({ fromTicks: first > last ? last + 1 : first, reports, count: reports.length });
    if (this.#stretches.length > MAX_STRETCHES) this.#stretches.shift();
  }

  /** Those that come twice, or after a later one, are as late as that and tell nothing. */
  #add(stretch: Stretch, report: KnownReport): void {
    this.#doubtful = [];
    if (report.rtpTicks <= (stretch.reports.at(-1)?.rtpTicks ?? Number.NEGATIVE_INFINITY)) return;
    stretch.reports.push(report);
    stretch.count += 1;
    if (stretch.reports.length > MAX_REPORTS) stretch.reports.shift();
  }
}

/** Index of the report whose ticks are nearest. */
function nearestTo(reports: readonly KnownReport[], rtpTicks: number): number {
  let low = 0;
  let high = reports.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = reports[middle]?.rtpTicks ?? 0;
    const next = reports[middle + 1]?.rtpTicks ?? 0;
    if (rtpTicks - here <= next - rtpTicks) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The median of {@link MEDIAN_OF} reports with this one in their middle, or as near to it as the ends allow. */
function medianAround({ reports, count }: Stretch, index: number): SteadyMs {
  const report = reports[index];
  if (report === undefined) return Number.NaN;
  if (report.median !== null && count <= report.median.upTo) return report.median.zero;
  const half = MEDIAN_OF >> 1;
  const from = Math.max(0, Math.min(index - half, reports.length - MEDIAN_OF));
  const zero = median(reports.slice(from, from + MEDIAN_OF).map((known) => known.zero));
  const isFinal = index + half < reports.length;
  report.median = { zero, upTo: isFinal ? Number.POSITIVE_INFINITY : count };
  return zero;
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle] ?? Number.NaN;
  return values.length % 2 === 1 ? upper : ((values[middle - 1] ?? 0) + upper) / 2;
}
