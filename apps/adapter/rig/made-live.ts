import type { Live, LiveCall, LiveScreen } from "#shared/api/live.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";

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
  now: EpochMs = Date.now(),
): LiveCall {
  const startedAt = formatInstant(now - agoS * 1_000);
  return {
    ...{ recordingId: `${agent}-${callSessionId}`, agent, callSessionId, leg: 1, startedAt },
    ...{ connectedAt: startedAt, state: "talk", stateSince: startedAt },
    attributes: { customer: "+1 425 555 0100", queue: "Billing", direction: "inbound" },
    ...{ pause: null, gap: null, screens: [madeLiveScreen("1")], ...change },
  };
}

function madeLiveScreen(display: string, change: Partial<LiveScreen> = {}): LiveScreen {
  return {
    ...{ desktop: "PC-0815", display, codec: "vp9", width: 1_920, height: 1_080 },
    ...{ state: "captured", gap: null, framesPerSecond: 5, kbitPerSecond: 84, ...change },
  };
}

/** What there can be in a row of the Live view, one each. */
export function madeManyCalls(now: EpochMs): LiveCall[] {
  const ago = (seconds: number) => formatInstant(now - seconds * 1_000);
  const gap = (reason: string, agoS: number) => ({ reason, since: ago(agoS) });
  const locked = { state: "gap", gap: gap("session-locked", 45) } as const;
  const call = (agentName: string, session: string, agoS: number, change: Partial<LiveCall> = {}) => {
    const agent = `${agentName.toLowerCase().replace(" ", ".")}@contoso.com`;
    const { attributes, ...rest } = change;
    const made = madeCall(agent, session, agoS, rest, now);
    return { ...made, attributes: { ...made.attributes, agentName, ...attributes } };
  };
  return [
    call("Ann Agent", "s1", 612, { screens: [madeLiveScreen("1"), madeLiveScreen("2")] }),
    call("Cem Kaya", "s2", 347, {
      ...{ state: "hold", stateSince: ago(71) },
      attributes: { customer: "+49 30 1234567", queue: "Sales" },
    }),
    call("Dee Park", "s3", 301, {
      pause: { since: ago(20), endsBy: ago(-880), reason: "card number", by: "integration" },
      attributes: { customer: "+1 425 555 0133" },
    }),
    call("Eva Brandt", "s4", 240, {
      ...{ state: "wrap-up", stateSince: ago(15), screens: [madeLiveScreen("1", locked)] },
      attributes: { customer: "+49 89 5550142", queue: "Returns", direction: "outbound" },
    }),
    call("Fadi Nassar", "s5", 95, { screens: [], gap: gap("desktop-offline", 95) }),
    call("Gil Moreau", "s6", 3, {
      ...{ connectedAt: null, state: "ring", screens: [madeLiveScreen("1", { state: "waiting" })] },
    }),
  ];
}

/** Of an agent without a call: a desktop that waits for one, and another that is off. */
export function madeDesktops(now: EpochMs): Live["agents"] {
  const since = formatInstant(now - 5_400_000);
  return [
    {
      agent: "hana.sato@contoso.com",
      desktops: [
        { device: "PC-0817", state: "idle", since, displays: 2, appVersion: "0.1.0" },
        { device: "PC-0818", state: "offline", since, displays: 1, appVersion: "0.1.0" },
      ],
    },
  ];
}
