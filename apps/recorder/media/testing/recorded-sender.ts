import type { Codec } from "#shared/api/recording.ts";
import { type DurationMs, VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { WireSenderReport } from "../sender-runs.ts";
import { playCapture, readChromiumCapture } from "./rtp-fixture.ts";

/** Seconds from NTP's era, 1900-01-01, to 1970-01-01 (RFC 5905). */
const NTP_TO_UNIX_S = 2_208_988_800;
/** Both time stamps and sequence numbers wrap soon. */
const FIRST_TICKS = 2 ** 32 - 600_000;
const FIRST_SEQUENCE_NUMBER = 65_000;

/** The packets of the recorded pictures of the first size; each group begins with a key picture. */
function readGroups(codec: Codec): Buffer[][][] {
  const items = readChromiumCapture(codec);
  const packetsOf = new Map<number, Buffer[]>();
  for (const item of items) {
    if (!("rtp" in item)) continue;
    const timestamp = item.rtp.readUInt32BE(4);
    packetsOf.set(timestamp, [...(packetsOf.get(timestamp) ?? []), item.rtp]);
  }
  const groups: Buffer[][][] = [];
  const { frames } = playCapture(items, codec);
  for (const { rtpTicks, key, width } of frames) {
    if (key && width !== frames[0]?.width) break;
    if (key) groups.push([]);
    groups.at(-1)?.push(packetsOf.get(rtpTicks % 2 ** 32) ?? []);
  }
  return groups;
}

/**
 * A sender of the recorded Chromium's pictures, with a clock of its own: time stamps and reports are what this one would
 * send. Deltas go on in a circle; a key picture comes when one was asked for, as with a real one.
 */
export class RecordedSender {
  readonly #rate: number;
  readonly #clockOffMs: DurationMs;
  readonly #groups: Buffer[][][];
  #group: Buffer[][] = [];
  #index = 0;
  #keyWanted = true;
  #sequenceNumber = FIRST_SEQUENCE_NUMBER;

  /**
   * @param rate - of its clock, 1 = as time itself.
   * @param clockOffMs - how far its wall clock is ahead.
   */
  constructor(codec: Codec, rate: number, clockOffMs: DurationMs) {
    this.#groups = readGroups(codec);
    this.#rate = rate;
    this.#clockOffMs = clockOffMs;
  }

  requestKeyFrame(): void {
    this.#keyWanted = true;
  }

  /** The packets of a picture that is captured now, so many ms after the beginning, and its ticks as no wrap changes them. */
  capture(now: DurationMs): { key: boolean; rtpTicks: number; packets: Buffer[] } {
    const key = this.#keyWanted;
    if (key) {
      this.#keyWanted = false;
      // The one after the other.
      this.#group = this.#groups.shift() ?? [];
      this.#groups.push(this.#group);
      this.#index = 0;
    } else {
      this.#index = this.#index + 1 < this.#group.length ? this.#index + 1 : 1;
    }
    const rtpTicks = this.#ticksAt(now);
    const packets = (this.#group[this.#index] ?? []).map((recorded) => {
      const packet = Buffer.from(recorded);
      packet.writeUInt16BE(this.#sequenceNumber, 2);
      packet.writeUInt32BE(rtpTicks % 2 ** 32, 4);
      this.#sequenceNumber = (this.#sequenceNumber + 1) % 0x1_0000;
      return packet;
    });
    return { key, rtpTicks, packets };
  }

  /**
   * A report that is sent now.
   *
   * @param epochMs - the time that its wall clock would show if it were right.
   */
  report(now: DurationMs, epochMs: number): WireSenderReport {
    const seconds = (epochMs + this.#clockOffMs + now * (this.#rate - 1)) / 1_000 + NTP_TO_UNIX_S;
    return {
      ntpSec: Math.floor(seconds),
      ntpFrac: Math.floor((seconds % 1) * 2 ** 32),
      rtpTs: this.#ticksAt(now) % 2 ** 32,
    };
  }

  #ticksAt(now: DurationMs): number {
    return FIRST_TICKS + Math.round(now * this.#rate * VIDEO_TICKS_PER_MS);
  }
}
