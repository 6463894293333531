import type { types } from "mediasoup-client";
import type { PageStatus } from "../ipc-contract.ts";

/** A reading to count from the next time; `at` = performance.now(). */
export interface SentBytes {
  at: number;
  bytes: number;
}

type Figures = Omit<PageStatus, "transportId">;

/** What the producers send now, by WebRTC's own statistics (W3C webrtc-stats, `outbound-rtp`). */
export async function readFigures(
  producers: readonly types.Producer[],
  before: SentBytes | null,
): Promise<{ figures: Figures; sent: SentBytes }> {
  let bytes = 0;
  let slowest: number | null = null;
  for (const producer of producers) {
    const stats = producer.closed ? [] : [...(await producer.getStats()).values()];
    for (const entry of stats as RTCOutboundRtpStreamStats[]) {
      if (entry.type !== "outbound-rtp") continue;
      bytes += (entry.bytesSent ?? 0) + (entry.headerBytesSent ?? 0);
      const rate = entry.framesPerSecond ?? 0;
      slowest = slowest === null ? rate : Math.min(slowest, rate);
    }
  }
  const sent = { at: performance.now(), bytes };
  const seconds = before === null ? 0 : (sent.at - before.at) / 1_000;
  // A producer that ended takes its bytes along: no rate can be told then.
  const gained = Math.max(0, bytes - (before?.bytes ?? 0));
  return {
    figures: {
      monitors: producers.length,
      framesPerSecond: slowest ?? 0,
      kbitPerSecond: seconds > 0 ? (gained * 8) / 1_000 / seconds : 0,
    },
    sent,
  };
}
