import type { types } from "mediasoup-client";
import type { PageStatus } from "../ipc-contract.ts";

/** IPv4's and UDP's headers, of each packet. */
const HEADER_BYTES = 28;

/** A reading to count from the next time; `at` = performance.now(). */
export interface SentBytes {
  transport: types.Transport;
  at: number;
  bytes: number;
}

type Figures = Omit<PageStatus, "transportId">;

/** What is sent now, by WebRTC's own statistics (W3C webrtc-stats). */
export async function readFigures(
  transport: types.Transport | null,
  monitors: number,
  before: SentBytes | null,
): Promise<{ figures: Figures; sent: SentBytes | null }> {
  if (transport === null || transport.closed || monitors === 0)
    return { figures: { monitors: 0, framesPerSecond: 0, kbitPerSecond: 0 }, sent: null };
  let bytes = 0;
  let slowest: number | null = null;
  for (const entry of (await transport.getStats()).values() as Iterable<RTCStats>) {
    if (entry.type === "transport") bytes += wireBytes(entry as RTCTransportStats);
    if (entry.type !== "outbound-rtp") continue;
    const rate = (entry as RTCOutboundRtpStreamStats).framesPerSecond ?? 0;
    slowest = slowest === null ? rate : Math.min(slowest, rate);
  }
  const sent = { transport, at: performance.now(), bytes };
  const isSame = before !== null && before.transport === transport;
  const seconds = isSame ? (sent.at - before.at) / 1_000 : 0;
  const gained = isSame ? bytes - before.bytes : 0;
  return {
    figures: {
      monitors,
      framesPerSecond: slowest ?? 0,
      kbitPerSecond: seconds > 0 ? (gained * 8) / 1_000 / seconds : 0,
    },
    sent,
  };
}

/** What the transport's packets are on the wire; ICE's own few are not counted. */
function wireBytes({ bytesSent = 0, packetsSent = 0 }: RTCTransportStats): number {
  return bytesSent + packetsSent * HEADER_BYTES;
}
