import type { CallEventType } from "#shared/api/call-event.ts";
import type { Recording } from "#shared/api/recording.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { compareText } from "./compare-text.ts";
import { instantOf } from "./timeline.ts";

/** A call event with the agent whom it concerns. */
export interface AgentEvent {
  id: string;
  at: EpochMs;
  type: CallEventType;
  agent: string;
}

/**
 * The events of all recordings, by time; one that is on the timeline of two recordings of an agent is listed once. Events
 * that an archived version gave back have no ids of their own, so it goes by what happened when.
 */
export function listEvents(recordings: readonly Recording[]): AgentEvent[] {
  const byKey = new Map<string, AgentEvent>();
  for (const { agent, events } of recordings) {
    for (const { id, type, at } of events) {
      const key = JSON.stringify([agent, type, instantOf(at)]);
      if (!byKey.has(key)) byKey.set(key, { id, at: instantOf(at), type, agent });
    }
  }
  return [...byKey.values()].sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}

/** The attributes of several recordings; where they differ, the one with the newest event wins. */
export function mergeAttributes(recordings: readonly Recording[]): Record<string, string> {
  const byNewestEvent = [...recordings].sort((a, b) => newestEvent(a) - newestEvent(b));
  return Object.assign({}, ...byNewestEvent.map(({ attributes }) => attributes));
}

function newestEvent({ events, startedAt }: Recording): EpochMs {
  return events.reduce((newest, { at }) => Math.max(newest, instantOf(at)), instantOf(startedAt));
}
