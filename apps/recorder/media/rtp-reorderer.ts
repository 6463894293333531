import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { CounterUnwrapper } from "./counter-unwrapper.ts";
import type { RtpPacket } from "./rtp-packet.ts";

/** How long a missing packet may be repaired (NACK, RTX) before it counts as lost. */
export const REPAIR_WAIT_MS: DurationMs = 1_500;
/** Packets held back at most; above it the oldest hole counts as lost. 1.5 s of 10 Mbps are about 1,600 packets. */
const MAX_HELD_PACKETS = 4_096;
/** A larger jump is a restarted sender, not a hole (RFC 3550 appendix A.1, MAX_DROPOUT). */
const MAX_JUMP = 3_000;

/** A packet in its place; `afterLoss` when packets before it are missing for good. */
export interface OrderedPacket {
  packet: RtpPacket;
  arrivedAt: EpochMs;
  afterLoss: boolean;
}

interface Held {
  packet: RtpPacket;
  arrivedAt: EpochMs;
}

/**
 * Puts the packets of one RTP stream in order: duplicates and packets that come after their place was given up are
 * dropped, a hole is waited for up to {@link REPAIR_WAIT_MS}. Pure: time is an argument, and the owner calls
 * {@link releaseOverdue} at {@link waitingUntil}.
 */
export class RtpReorderer {
  #sequence = new CounterUnwrapper(16);
  /** Unwrapped number of the next packet to release; null before the first packet. */
  #next: number | null = null;
  readonly #held = new Map<number, Held>();
  /** Sequence number that would prove a restarted sender, after one packet far off (RFC 3550 A.1, bad_seq). */
  #restartAt: number | null = null;
  #lossBefore = false;

  push(packet: RtpPacket, arrivedAt: EpochMs): OrderedPacket[] {
    const restarted = this.#followRestart(packet);
    if (restarted === "ignore") return [];
    const released: OrderedPacket[] = [];
    if (restarted === "restarted") {
      this.#releaseAll(released);
      this.#sequence = new CounterUnwrapper(16);
      this.#next = packet.sequenceNumber;
      this.#lossBefore = true;
    }
    const number = this.#sequence.unwrap(packet.sequenceNumber);
    this.#next ??= number;
    if (number >= this.#next && !this.#held.has(number)) this.#held.set(number, { packet, arrivedAt });
    this.#releaseInOrder(released);
    if (this.#held.size > MAX_HELD_PACKETS) this.#giveUpHole(released);
    return released;
  }

  /** Gives up the holes whose time is over. */
  releaseOverdue(now: EpochMs): OrderedPacket[] {
    const released: OrderedPacket[] = [];
    for (let until = this.waitingUntil; until !== null && until <= now; until = this.waitingUntil) {
      this.#giveUpHole(released);
    }
    return released;
  }

  /** When the hole at the head counts as lost; null without a hole. */
  get waitingUntil(): EpochMs | null {
    let oldest: EpochMs | null = null;
    for (const { arrivedAt } of this.#held.values()) {
      if (oldest === null || arrivedAt < oldest) oldest = arrivedAt;
    }
    return oldest === null ? null : oldest + REPAIR_WAIT_MS;
  }

  #followRestart(packet: RtpPacket): "in-sequence" | "ignore" | "restarted" {
    const { newest } = this.#sequence;
    if (newest === null) return "in-sequence";
    const jump = this.#sequence.peek(packet.sequenceNumber) - newest;
    if (Math.abs(jump) <= MAX_JUMP) {
      this.#restartAt = null;
      return "in-sequence";
    }
    if (packet.sequenceNumber === this.#restartAt) {
      this.#restartAt = null;
      return "restarted";
    }
    this.#restartAt = (packet.sequenceNumber + 1) & 0xffff;
    return "ignore";
  }

  #releaseInOrder(released: OrderedPacket[]): void {
    if (this.#next === null) return;
    for (let held = this.#held.get(this.#next); held !== undefined; held = this.#held.get(this.#next)) {
      this.#held.delete(this.#next);
      this.#next += 1;
      released.push({ ...held, afterLoss: this.#lossBefore });
      this.#lossBefore = false;
    }
  }

  #giveUpHole(released: OrderedPacket[]): void {
    let first = Number.POSITIVE_INFINITY;
    for (const number of this.#held.keys()) first = Math.min(first, number);
    this.#next = first;
    this.#lossBefore = true;
    this.#releaseInOrder(released);
  }

  #releaseAll(released: OrderedPacket[]): void {
    while (this.#held.size > 0) this.#giveUpHole(released);
  }
}
