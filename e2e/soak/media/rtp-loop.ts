import type { Codec } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { type CapturedItem, readChromiumCapture } from "../../../apps/recorder/media/testing/rtp-fixture.ts";

/** RTP or RTCP, and when it is sent, counted from the stream's begin. */
export interface TimedPacket {
  atMs: DurationMs;
  bytes: Buffer;
}

const TICKS_PER_MS = 90;
/** Between the last picture of the capture and its first one again. */
const PAUSE_MS: DurationMs = 100;
const REPORT_EVERY_MS: DurationMs = 500;
const NTP_TO_UNIX_S = 2_208_988_800;

/**
 * A captured stream without end: the capture again and again, with sequence numbers and time stamps that go on, and sender
 * reports of the clock that it is sent by. It begins with a key frame, and has one about every two seconds.
 *
 * @param startedAt - of the wall clock when it begins.
 */
export function* loopCapture(
  { codec, ssrc, payloadType }: { codec: Codec; ssrc: number; payloadType: number },
  startedAt: EpochMs,
): Generator<TimedPacket> {
  const packets = readChromiumCapture(codec).filter(
    (item): item is Extract<CapturedItem, { rtp: Buffer }> => "rtp" in item,
  );
  const [first] = packets;
  if (first === undefined) return;
  const firstTimestamp = first.rtp.readUInt32BE(4);
  const mediaMs = (rtp: Buffer) => ((rtp.readUInt32BE(4) - firstTimestamp) >>> 0) / TICKS_PER_MS;
  const lastMs = Math.max(...packets.map(({ rtp }) => mediaMs(rtp)));
  const loopMs = lastMs + PAUSE_MS;
  const firstSequence = first.rtp.readUInt16BE(2);
  const sequences = packets.map(({ rtp }) => (rtp.readUInt16BE(2) - firstSequence) & 0xffff);
  const loopSequences = Math.max(...sequences) + 1;
  let reportAtMs = 0;
  for (let loop = 0; ; loop++) {
    for (const [index, { rtp }] of packets.entries()) {
      const atMs = loop * loopMs + mediaMs(rtp);
      if (atMs >= reportAtMs) {
        yield { atMs, bytes: senderReport(ssrc, startedAt + atMs, Math.round(atMs * TICKS_PER_MS)) };
        reportAtMs = atMs + REPORT_EVERY_MS;
      }
      const bytes = Buffer.from(rtp);
      bytes[1] = ((bytes[1] ?? 0) & 0x80) | payloadType;
      bytes.writeUInt16BE((loop * loopSequences + (sequences[index] ?? 0)) & 0xffff, 2);
      bytes.writeUInt32BE(Math.round(atMs * TICKS_PER_MS) >>> 0, 4);
      bytes.writeUInt32BE(ssrc, 8);
      yield { atMs, bytes };
    }
  }
}

/** RFC 3550 section 6.4.1, without counts, which nobody here reads. */
function senderReport(ssrc: number, at: EpochMs, rtpTicks: number): Buffer {
  const report = Buffer.alloc(28);
  report.writeUInt8(0x80, 0);
  report.writeUInt8(200, 1);
  report.writeUInt16BE(report.byteLength / 4 - 1, 2);
  report.writeUInt32BE(ssrc, 4);
  const seconds = Math.floor(at / 1_000);
  report.writeUInt32BE(seconds + NTP_TO_UNIX_S, 8);
  report.writeUInt32BE(Math.floor(((at / 1_000 - seconds) * 2 ** 32) % 2 ** 32), 12);
  report.writeUInt32BE(rtpTicks >>> 0, 16);
  return report;
}
