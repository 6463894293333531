import type { CallSummary, HiddenReason } from "#shared/protocol/messages.ts";
import type { EpochMs } from "#shared/time/units.ts";

/** Why there is no connection: it decides how soon the next attempt is made and what the tray says. */
export type OfflineReason =
  | "unreachable"
  | "silent"
  | "unauthorized"
  | "revoked"
  | "waits-for-approval"
  | "replaced"
  | "refused"
  | "proxy"
  | "proxy-sign-in"
  | "certificate"
  | "certificate-expired"
  | "certificate-not-yet-valid"
  | "certificate-wrong-name"
  | "certificate-unknown-issuer";

/** The connection to the recorder; `attempt` counts the tries since it last stood. */
export type Link =
  | { phase: "offline"; reason: OfflineReason; attempt: number }
  | { phase: "connecting"; attempt: number }
  | { phase: "online" };

/** What is done with the screen. It outlives the connection, until `stopNoLaterThan` (recorder's clock). */
export type Capture =
  | { phase: "idle" }
  | { phase: "recording" | "paused"; calls: readonly CallSummary[]; stopNoLaterThan: EpochMs };

export interface AgentSession {
  link: Link;
  capture: Capture;
  /** Why nothing is captured that should be; null: there is no reason. */
  hidden: HiddenReason | null;
}

export type SessionEvent =
  | { type: "connecting" }
  | { type: "welcomed" }
  | { type: "link-lost"; reason: OfflineReason }
  /** What has failed so far says nothing about the network that there is now. */
  | { type: "network-changed" }
  | { type: "start"; calls: readonly CallSummary[]; paused: boolean; stopNoLaterThan: EpochMs }
  | { type: "stop" }
  /** A heartbeat's answer; null = the recorder knows of no recording (its `stop` is on the way). */
  | { type: "lease-renewed"; stopNoLaterThan: EpochMs | null }
  | { type: "lease-ended" }
  | { type: "hidden"; hidden: HiddenReason | null };

/** What the shell has to do about it; both are idempotent. */
export type SessionEffect = "begin-capture" | "hide-capture" | "end-capture";

/** The new session, and what is to be done. */
export type Step = readonly [AgentSession, ...SessionEffect[]];

/** The session of an app that was just started. */
export const NEW_SESSION: AgentSession = {
  link: { phase: "connecting", attempt: 0 },
  capture: { phase: "idle" },
  hidden: null,
};

/** One step of the agent's session; pure. */
export function advance(session: AgentSession, event: SessionEvent): Step {
  const { link, capture, hidden } = session;
  switch (event.type) {
    case "connecting":
      return [{ ...session, link: { phase: "connecting", attempt: attemptsOf(link) } }];
    case "welcomed":
      return [{ ...session, link: { phase: "online" } }];
    case "link-lost": {
      const lost: Link = { phase: "offline", reason: event.reason, attempt: attemptsOf(link) + 1 };
      // Nobody takes its pictures any more, and nobody will tell it to stop.
      if (isPutOut(event.reason) && capture.phase !== "idle")
        return [{ ...session, link: lost, capture: { phase: "idle" } }, "end-capture"];
      return [{ ...session, link: lost }];
    }
    case "network-changed":
      return [link.phase === "offline" ? { ...session, link: { ...link, attempt: 0 } } : session];
    case "start": {
      const { calls, stopNoLaterThan } = event;
      const phase = event.paused ? "paused" : "recording";
      return [
        { ...session, capture: { phase, calls, stopNoLaterThan } },
        event.paused ? "end-capture" : hidden === null ? "begin-capture" : "hide-capture",
      ];
    }
    case "lease-renewed":
      if (capture.phase === "idle" || event.stopNoLaterThan === null) return [session];
      return [{ ...session, capture: { ...capture, stopNoLaterThan: event.stopNoLaterThan } }];
    case "stop":
    case "lease-ended":
      return [{ ...session, capture: { phase: "idle" } }, "end-capture"];
    case "hidden": {
      const next = { ...session, hidden: event.hidden };
      if (event.hidden === hidden || capture.phase !== "recording") return [next];
      return [next, event.hidden === null ? "begin-capture" : "hide-capture"];
    }
  }
}

/** The recordings that the desktop believes are running, for `hello`. */
export function runningRecordings(session: AgentSession): string[] {
  return session.capture.phase === "idle" ? [] : session.capture.calls.map((call) => call.recordingId);
}

function isPutOut(reason: OfflineReason): boolean {
  return reason === "revoked" || reason === "waits-for-approval";
}

function attemptsOf(link: Link): number {
  return link.phase === "online" ? 0 : link.attempt;
}
