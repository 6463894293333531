import type { EpochMs } from "#shared/time/units.ts";
import type { MappedEvent } from "./mapped-event.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import type { ConversationRow, ParticipantRow, PresenceChange, SessionRow, UserRow } from "./rows.ts";

/** One offer to the agent, with what it belongs to as far as that is known. */
export interface AgentParticipation {
  participant: ParticipantRow;
  session: SessionRow | null;
  conversation: ConversationRow | null;
}

/** All that is known of one agent's presence and calls. The order says nothing. */
export interface AgentKnowledge {
  userId: string;
  /** Null: not seen yet; then nothing is derived. */
  user: UserRow | null;
  /** Those to judge, and the last one before them, without which the first is not known to be a change. */
  changes: readonly PresenceChange[];
  /** All whose conversation was not closed before the first of the changes. */
  participations: readonly AgentParticipation[];
  /** As in ConversationKnowledge, for all the agent's rows; null: nothing is derived. */
  completeAsOf: EpochMs | null;
}

/** A presence change that would end the agent's calls, if it were believed. */
export interface IgnoredPresence {
  at: EpochMs;
  reason: string;
}

export interface PresenceEvents {
  /** `agent-available` without a session, in the fold's order, each id once. */
  events: MappedEvent[];
  /** To be logged. */
  ignored: IgnoredPresence[];
}

/** What the agent's presence says about the agent's calls. */
export function derivePresenceEvents(knowledge: AgentKnowledge, settings: MappingSettings): PresenceEvents {
  throw new TypeError(`no mapping yet for ${knowledge.userId} with ${settings.conferencing}`);
}
