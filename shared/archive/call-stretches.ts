import type { CallEventType } from "../api/call-event.ts";
import type { DurationMs } from "../time/units.ts";
import type { Manifest } from "./manifest.ts";

export type ManifestEvent = Manifest["events"][number];

export const CALL_STATES = ["ring", "talk", "conference", "consult", "hold", "wrap-up"] as const;
/** What an agent is doing in the call. */
export type CallState = (typeof CALL_STATES)[number];

/** A stretch of an agent's lane, in ms on the interaction's timeline. */
export interface Stretch {
  fromMs: number;
  toMs: number;
  state: CallState;
}

const STATE_AFTER: Readonly<Record<CallEventType, CallState | null>> = {
  ringing: "ring",
  "not-responding": null,
  connected: "talk",
  conferencing: "conference",
  consulting: "consult",
  "consult-done": "talk",
  "on-hold": "hold",
  "hold-done": "talk",
  "wrap-up": "wrap-up",
  "agent-available": null,
};

/** What an event leaves the agent doing; null = no longer in the call. */
export function callStateAfter(event: CallEventType): CallState | null {
  return STATE_AFTER[event];
}

/**
 * What one agent did and when, from nothing but the events; what is still going on after the last event lasts to the end
 * of the interaction.
 */
export function callStretches(events: readonly ManifestEvent[], durationMs: DurationMs): Stretch[] {
  const inOrder = events.toSorted((left, right) => left.offsetMs - right.offsetMs);
  const stretches: Stretch[] = [];
  inOrder.forEach((event, index) => {
    const state = callStateAfter(event.type);
    const toMs = inOrder[index + 1]?.offsetMs ?? durationMs;
    if (state === null || toMs <= event.offsetMs) return;
    const last = stretches.at(-1);
    if (last?.state === state && last.toMs === event.offsetMs) last.toMs = toMs;
    else stretches.push({ fromMs: event.offsetMs, toMs, state });
  });
  return stretches;
}
