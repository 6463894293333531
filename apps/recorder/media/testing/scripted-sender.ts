import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { Codec } from "#shared/api/recording.ts";
import type { WireSenderReport } from "../sender-runs.ts";
import { playCapture, readChromiumCapture } from "./rtp-fixture.ts";

/** A picture as it was sent. */
export interface SentPicture {
  /** Which one of the capture it is. */
  number: number;
  /** What its time stamp says: when it was captured. */
  at: EpochMs;
  key: boolean;
  /** Its packets' sequence numbers. */
  packets: number[];
}

/** Where a sender begins to count. */
export interface RtpOrigin {
  ssrc: number;
  sequenceNumber: number;
  /** The time stamp at the sender's start. */
  timestamp: number;
}

const ORIGIN: RtpOrigin = { ssrc: 0x1234, sequenceNumber: 100, timestamp: 1_000_000 };
const NTP_TO_UNIX_S = 2_208_988_800;

interface RecordedPicture {
  packets: Buffer[];
  key: boolean;
  /** Pixels across; a capture has two sizes. */
  width: number;
}

/**
 * Sends a real encoder's pictures at times of the test's choice: the capture of a Chromium, stamped anew. It answers a wish
 * for a key frame as an encoder does, with a key picture instead of the next one, and goes on from there.
 */
export class ScriptedSender {
  readonly codec: Codec;
  readonly sent: SentPicture[] = [];
  /** How many pictures the capture has. */
  readonly length: number;
  readonly #pictures: readonly RecordedPicture[];
  #origin: RtpOrigin;
  #startedAt: EpochMs;
  #nextSequence: number;
  #next = 0;
  #width: number;
  #wantsKey = false;

  constructor(codec: Codec, startedAt: EpochMs, origin: Partial<RtpOrigin> = {}) {
    this.codec = codec;
    this.#pictures = readPictures(codec);
    this.length = this.#pictures.length;
    this.#width = this.#pictures[0]?.width ?? 0;
    this.#startedAt = startedAt;
    this.#origin = { ...ORIGIN, ...origin };
    this.#nextSequence = this.#origin.sequenceNumber;
  }

  /** The next picture is a key picture. */
  makeKey(): void {
    this.#wantsKey = true;
  }

  /** The next picture, and all that follow, have the capture's other size. */
  changeSize(): void {
    this.#width = this.#pictures.find(({ width }) => width !== this.#width)?.width ?? this.#width;
    this.#wantsKey = true;
  }

  /** Begins anew, with a key picture and other numbers. */
  restart(at: EpochMs, origin: RtpOrigin): void {
    this.#startedAt = at;
    this.#origin = origin;
    this.#nextSequence = origin.sequenceNumber;
    this.#wantsKey = true;
  }

  /** The packets of the picture that is captured now. */
  capture(at: EpochMs): { sequenceNumber: number; bytes: Buffer }[] {
    const number = this.#choose();
    this.#next = number + 1;
    this.#wantsKey = false;
    const picture = this.#pictures[number];
    if (picture === undefined) throw new Error(`the capture has no picture ${number}`);
    const packets = picture.packets.map((recorded) => {
      const bytes = Buffer.from(recorded);
      const sequenceNumber = this.#nextSequence & 0xffff;
      this.#nextSequence += 1;
      bytes.writeUInt16BE(sequenceNumber, 2);
      bytes.writeUInt32BE(this.#timestampAt(at), 4);
      bytes.writeUInt32BE(this.#origin.ssrc, 8);
      return { sequenceNumber, bytes };
    });
    const numbers = packets.map(({ sequenceNumber }) => sequenceNumber);
    this.sent.push({ number, at, key: picture.key, packets: numbers });
    return packets;
  }

  report(at: EpochMs): WireSenderReport {
    const seconds = at / 1_000 + NTP_TO_UNIX_S;
    const ntpSec = Math.floor(seconds);
    return { ntpSec, ntpFrac: Math.floor((seconds - ntpSec) * 2 ** 32), rtpTs: this.#timestampAt(at) };
  }

  #choose(): number {
    const isOfSize = (index: number) => this.#pictures[index]?.width === this.#width;
    if (!this.#wantsKey && isOfSize(this.#next)) return this.#next;
    return this.#pictures.findIndex(({ key }, index) => key && isOfSize(index));
  }

  #timestampAt(at: EpochMs): number {
    const sinceStart: DurationMs = at - this.#startedAt;
    return (this.#origin.timestamp + Math.round(sinceStart * VIDEO_TICKS_PER_MS)) % 2 ** 32;
  }
}

/** The capture's packets by picture; which of these are key pictures, and how large, the recorder's own reading tells. */
function readPictures(codec: Codec): RecordedPicture[] {
  const items = readChromiumCapture(codec);
  const { frames, losses } = playCapture(items, codec);
  if (losses.length > 0) throw new Error(`the capture of ${codec} has losses`);
  const byTimestamp = new Map<number, Buffer[]>();
  for (const item of items) {
    if (!("rtp" in item)) continue;
    const timestamp = item.rtp.readUInt32BE(4);
    byTimestamp.set(timestamp, [...(byTimestamp.get(timestamp) ?? []), item.rtp]);
  }
  const groups = [...byTimestamp.values()];
  if (groups.length !== frames.length) {
    throw new Error(`the capture of ${codec} has ${groups.length} time stamps for ${frames.length} pictures`);
  }
  let width = 0;
  return frames.map((frame, index) => {
    width = frame.width ?? width;
    return { packets: groups[index] ?? [], key: frame.key, width };
  });
}
