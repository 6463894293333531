import type { CallEventType } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { isKeeping } from "./call-history.ts";

/**
 * Why events are on no recording:
 * - `not-answered`: Dynamics said that the agent did not answer, and nothing of a ring was seen.
 * - `only-end-seen`: only the end of the call came.
 * - `events-late`: the agent was in the call before a recording of it that was closed already when they came.
 * - `no-call`: an availability that spoke of no call.
 */
export type StrayReason = "not-answered" | "only-end-seen" | "events-late" | "no-call";

/** Events of one call session at one agent that are on no recording, as one entry of the ledger. */
export interface Stray {
  from: EpochMs;
  to: EpochMs;
  /** Null: they say nothing that a recording of the same call does not, such as a second end. */
  reason: StrayReason | null;
}

/**
 * What is left of a call session at an agent beside its recordings.
 *
 * @param events - those on no recording.
 * @returns null when there are none.
 */
export function describeStray(
  events: readonly { type: CallEventType; at: EpochMs }[],
  hasRecording: boolean,
): Stray | null {
  if (events.length === 0) return null;
  const times = events.map((event) => event.at);
  return { from: Math.min(...times), to: Math.max(...times), reason: reasonOf(events, hasRecording) };
}

function reasonOf(events: readonly { type: CallEventType }[], hasRecording: boolean): StrayReason | null {
  if (events.some((event) => isKeeping(event.type))) return "events-late";
  if (hasRecording) return null;
  return events.some((event) => event.type === "not-responding") ? "not-answered" : "only-end-seen";
}
