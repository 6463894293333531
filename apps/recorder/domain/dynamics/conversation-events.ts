import type { EpochMs } from "#shared/time/units.ts";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { MappedEvent } from "./mapped-event.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import type {
  ActivityChange,
  ConversationRow,
  ParticipantEventRow,
  ParticipantRow,
  SessionRow,
  UserRow,
} from "./rows.ts";

/** An event of a conversation that is stored already. */
export interface StoredEvent {
  type: CallEventType;
  userId: string;
  at: EpochMs;
}

/** All that is known of one conversation. The order of the rows says nothing. */
export interface ConversationKnowledge {
  conversationId: string;
  /** Null: not seen yet. */
  conversation: ConversationRow | null;
  sessions: readonly SessionRow[];
  /** Of these sessions. */
  participants: readonly ParticipantRow[];
  participantEvents: readonly ParticipantEventRow[];
  activityChanges: readonly ActivityChange[];
  /** By id: the participants' and the active agent's. Without the row of a user nothing is derived for that user. */
  users: ReadonlyMap<string, UserRow>;
  queueName: string | null;
  /** The customer's number or name. */
  customer: string | null;
  /** Events of this conversation that are stored already, of all its agents. */
  stored: readonly StoredEvent[];
  /**
   * Everything that Dynamics had written by then is in the rows: the time, by Dynamics' clock, of the last full read of
   * this conversation. What depends on the absence of a row is derived up to then only; null: not at all. A
   * conversation in which something happened later than that must be derived again after the next read.
   */
  completeAsOf: EpochMs | null;
}

/** Events in the fold's order (at, then id), each id once. */
export function deriveConversationEvents(
  knowledge: ConversationKnowledge,
  settings: MappingSettings,
): MappedEvent[] {
  throw new TypeError(`no mapping yet for ${knowledge.conversationId} with ${settings.conferencing}`);
}
