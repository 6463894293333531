import type { EpochMs } from "#shared/time/units.ts";

/** What a receiver asks of the sender of a stream (RFC 4585, RFC 5104). */
export interface Feedback {
  /** PLI or FIR. */
  wantsKeyPicture: boolean;
  /** Sequence numbers of packets that it misses, 16 bits. */
  missing: number[];
}

const RTPFB = 205;
const PSFB = 206;
const GENERIC_NACK = 1;
const PLI = 1;
const FIR = 4;
const SENDER_REPORT = 200;
/** Seconds from NTP's era, 1900-01-01, to 1970-01-01 (RFC 5905). */
const NTP_TO_UNIX_S = 2_208_988_800;

/** Reads a compound RTCP packet; what is no feedback, or torn, is passed over. */
export function readFeedback(packet: Buffer): Feedback {
  const feedback: Feedback = { wantsKeyPicture: false, missing: [] };
  for (let at = 0; at + 4 <= packet.byteLength; ) {
    const format = packet.readUInt8(at) & 0x1f;
    const type = packet.readUInt8(at + 1);
    const end = at + 4 * (packet.readUInt16BE(at + 2) + 1);
    if (end > packet.byteLength) break;
    if (type === PSFB && (format === PLI || format === FIR)) feedback.wantsKeyPicture = true;
    if (type === RTPFB && format === GENERIC_NACK) {
      // After the header: the two SSRCs, then (packet id, mask of the sixteen after it).
      for (let item = at + 12; item + 4 <= end; item += 4) {
        const first = packet.readUInt16BE(item);
        const mask = packet.readUInt16BE(item + 2);
        feedback.missing.push(first);
        for (let bit = 0; bit < 16; bit++)
          if (mask & (1 << bit)) feedback.missing.push((first + bit + 1) & 0xffff);
      }
    }
    at = end;
  }
  return feedback;
}

/** What a sender says of its stream. */
export interface SentSoFar {
  ssrc: number;
  at: EpochMs;
  /** RTP timestamp of `at`, 32 bits. */
  timestamp: number;
  packets: number;
  bytes: number;
}

/** A sender report (RFC 3550 section 6.4.1) without report blocks. */
export function senderReport({ ssrc, at, timestamp, packets, bytes }: SentSoFar): Buffer {
  const report = Buffer.alloc(28);
  report.writeUInt8(0x80, 0);
  report.writeUInt8(SENDER_REPORT, 1);
  report.writeUInt16BE(report.byteLength / 4 - 1, 2);
  report.writeUInt32BE(ssrc, 4);
  const seconds = Math.floor(at / 1_000);
  report.writeUInt32BE(seconds + NTP_TO_UNIX_S, 8);
  report.writeUInt32BE(Math.floor(((at - seconds * 1_000) / 1_000) * 2 ** 32), 12);
  report.writeUInt32BE(timestamp, 16);
  report.writeUInt32BE(packets >>> 0, 20);
  report.writeUInt32BE(bytes >>> 0, 24);
  return report;
}

/** Whether a datagram of an RTP and RTCP port is RTCP (RFC 5761 section 4). */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return packet.byteLength >= 8 && type >= 192 && type <= 223;
}
