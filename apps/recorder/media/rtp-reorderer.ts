import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import { CounterUnwrapper } from "./counter-unwrapper.ts";
import type { RtpPacket } from "./rtp-packet.ts";
import { isTimestampFarOff, type TimestampAt } from "./timestamp-jump.ts";

/** How long a missing packet may be repaired (NACK, RTX) before it counts as lost. */
export const REPAIR_WAIT_MS: DurationMs = 1_500;
/** Packets held back at most; above it the oldest hole counts as lost. 1.5 s of 10 Mbps are about 1,600 packets. */
const MAX_HELD_PACKETS = 4_096;
/** A larger jump is a restarted sender, not a hole (RFC 3550 appendix A.1, MAX_DROPOUT). */
const MAX_JUMP = 3_000;

/** A packet in its place; `afterLoss` when packets before it are missing for good. */
export interface OrderedPacket {
  packet: RtpPacket;
  arrivedAt: SteadyMs;
  afterLoss: boolean;
  /** The sender has started anew: this packet's time stamp has nothing to do with those before. */
  afterRestart: boolean;
}

interface Held {
  packet: RtpPacket;
  arrivedAt: SteadyMs;
}

/**
 * Puts the packets of one RTP stream in order: duplicates and packets that come after their place was given up are
 * dropped, a hole is waited for up to {@link REPAIR_WAIT_MS}. A sender that starts anew, with another SSRC, sequence or
 * time stamps far off, is followed. Pure: time is an argument, and the owner calls {@link releaseOverdue} at
 * {@link waitingUntil}.
 *
 * A packet costs the same however many wait: hundreds do while one is repaired.
 */
export class RtpReorderer {
  #sequence = new CounterUnwrapper(16);
  #ssrc: number | null = null;
  /** The sender's before it started anew, some packets of which may still be under way. */
  #formerSsrc: number | null = null;
  /** The newest packet with content. */
  #newest: TimestampAt | null = null;
  /** Unwrapped number of the next packet to release; null before the first packet. */
  #next: number | null = null;
  readonly #held = new Map<number, Held>();
  /** Numbers in the order of arrival from `#oldest` on; those that were released meanwhile are passed over. */
  #arrivals: number[] = [];
  #oldest = 0;
  /** A packet far off; a second one that follows it proves a restarted sender (RFC 3550 A.1, bad_seq). */
  #suspect: Held | null = null;
  #lossBefore = false;
  #restartBefore = false;

  push(packet: RtpPacket, arrivedAt: SteadyMs): OrderedPacket[] {
    const released: OrderedPacket[] = [];
    const arrived: Held = { packet, arrivedAt };
    if (this.#isFarOff(arrived)) {
      if (packet.ssrc === this.#formerSsrc) return released;
      const suspect = this.#suspect;
      this.#suspect = arrived;
      if (suspect === null || !isSuccessor(suspect.packet, packet)) return released;
      this.#startAnew(packet.ssrc, released);
      this.#place(suspect, true);
    }
    this.#suspect = null;
    const isNext = this.#held.size === 0 && this.#isExpected(packet);
    this.#place(arrived, !isNext);
    if (isNext) this.#release(arrived, released);
    else this.#releaseInOrder(released);
    if (this.#held.size > MAX_HELD_PACKETS) this.#giveUpHole(released);
    return released;
  }

  /** Gives up the holes whose time is over. */
  releaseOverdue(now: SteadyMs): OrderedPacket[] {
    const released: OrderedPacket[] = [];
    for (let until = this.waitingUntil; until !== null && until <= now; until = this.waitingUntil) {
      this.#giveUpHole(released);
    }
    return released;
  }

  /** When the hole at the head counts as lost; null without a hole. */
  get waitingUntil(): SteadyMs | null {
    if (this.#held.size === 0) return null;
    for (;;) {
      const oldest = this.#held.get(this.#arrivals[this.#oldest] ?? Number.NaN);
      if (oldest !== undefined) return oldest.arrivedAt + REPAIR_WAIT_MS;
      this.#oldest += 1;
      if (this.#oldest < MAX_HELD_PACKETS) continue;
      this.#arrivals.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }

  #isFarOff({ packet, arrivedAt }: Held): boolean {
    const { newest } = this.#sequence;
    if (newest === null) return false;
    if (packet.ssrc !== this.#ssrc) return true;
    if (Math.abs(this.#sequence.peek(packet.sequenceNumber) - newest) > MAX_JUMP) return true;
    // Padding repeats the time stamp of the last picture, however long ago that was.
    if (packet.payload.byteLength === 0 || this.#newest === null) return false;
    return isTimestampFarOff(this.#newest, { timestamp: packet.timestamp, arrivedAt });
  }

  #startAnew(ssrc: number, released: OrderedPacket[]): void {
    while (this.#held.size > 0) this.#giveUpHole(released);
    if (ssrc !== this.#ssrc) this.#formerSsrc = this.#ssrc;
    this.#ssrc = null;
    this.#sequence = new CounterUnwrapper(16);
    this.#newest = null;
    this.#next = null;
    this.#lossBefore = true;
    this.#restartBefore = true;
  }

  /** Whether it is the one to be released next; most are. */
  #isExpected({ sequenceNumber }: RtpPacket): boolean {
    return this.#next !== null && this.#sequence.peek(sequenceNumber) === this.#next;
  }

  /** @param isHeld - whether it is kept until its turn comes, which of the one that is next has come. */
  #place(arrived: Held, isHeld: boolean): void {
    const { packet, arrivedAt } = arrived;
    this.#ssrc ??= packet.ssrc;
    const number = this.#sequence.unwrap(packet.sequenceNumber);
    this.#next ??= number;
    if (number < this.#next || this.#held.has(number)) return;
    if (isHeld) {
      this.#held.set(number, arrived);
      this.#arrivals.push(number);
    }
    if (packet.payload.byteLength > 0 && number === this.#sequence.newest)
      this.#newest = { timestamp: packet.timestamp, arrivedAt };
  }

  #releaseInOrder(released: OrderedPacket[]): void {
    if (this.#next === null) return;
    for (let held = this.#held.get(this.#next); held !== undefined; held = this.#held.get(this.#next)) {
      this.#held.delete(this.#next);
      this.#release(held, released);
    }
    if (this.#held.size > 0) return;
    this.#arrivals.length = 0;
    this.#oldest = 0;
  }

  /** The packet must be the next one. */
  #release({ packet, arrivedAt }: Held, released: OrderedPacket[]): void {
    released.push({ packet, arrivedAt, afterLoss: this.#lossBefore, afterRestart: this.#restartBefore });
    this.#lossBefore = false;
    this.#restartBefore = false;
    if (this.#next !== null) this.#next += 1;
  }

  /** Something must be held. */
  #giveUpHole(released: OrderedPacket[]): void {
    if (this.#next === null) return;
    while (!this.#held.has(this.#next)) this.#next += 1;
    this.#lossBefore = true;
    this.#releaseInOrder(released);
  }
}

/** Whether the second is the first one's successor in the same run of a sender. */
function isSuccessor(first: RtpPacket, second: RtpPacket): boolean {
  return first.ssrc === second.ssrc && second.sequenceNumber === ((first.sequenceNumber + 1) & 0xffff);
}
