import type { Live, LiveCall, LiveScreen } from "#shared/api/live.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";

/** A recorder that has room, and nothing to do. */
export const QUIET_RECORDER: Omit<Live, "at"> = {
  calls: [],
  agents: [],
  space: {
    ...{ freeBytes: 231 * 2 ** 30, reserveBytes: 2 * 2 ** 30, bufferBytes: null, quotaBytes: null },
    alarm: null,
  },
  handoff: { waiting: 0, refused: 0 },
};

/** A call of an agent that began so many seconds ago, recorded from one screen. */
export function madeCall(
  agent: string,
  callSessionId: string,
  agoS: number,
  change: Partial<LiveCall> = {},
): LiveCall {
  const startedAt = formatInstant(Date.now() - agoS * 1_000);
  return {
    ...{ recordingId: `${agent}-${callSessionId}`, agent, callSessionId, leg: 1, startedAt },
    ...{ connectedAt: startedAt, state: "talk", stateSince: startedAt },
    attributes: { customer: "+1 425 555 0100", queue: "Billing", direction: "inbound" },
    ...{ pause: null, gap: null, screens: [madeLiveScreen("1")], ...change },
  };
}

export function madeLiveScreen(display: string, change: Partial<LiveScreen> = {}): LiveScreen {
  return {
    ...{ desktop: "PC-0815", display, codec: "vp9", width: 1_920, height: 1_080 },
    ...{ state: "captured", gap: null, framesPerSecond: 5, kbitPerSecond: 84, ...change },
  };
}
