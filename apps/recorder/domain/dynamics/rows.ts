import type { EpochMs } from "#shared/time/units.ts";

/**
 * Dataverse rows as far as the mapping reads them. All times are cut to whole seconds, ids are guids in lower case, and
 * `version` is the row's `versionnumber` (a webhook's RowVersion): of two states of a row the higher one is newer.
 */
interface RowFacts {
  id: string;
  version: number;
}

/** msdyn_ocliveworkitem. */
export interface ConversationRow extends RowFacts {
  /** msdyn_channel, a multi-select. */
  channels: readonly number[];
  /** statuscode: 1 Open, 2 Active, 3 Waiting, 4 Closed, 5 Wrap-up, 6 Resolved. */
  status: number;
  wrapUpAt: EpochMs | null;
  closedAt: EpochMs | null;
  /** msdyn_activeagentid: the current agent, or the last one. */
  activeUserId: string | null;
  /** msdyn_conversationactivitystate: 1 Talk, 2 Hold, 3 Ended. */
  activityState: number | null;
  isOutbound: boolean | null;
  queueId: string | null;
}

/** msdyn_ocsession. */
export interface SessionRow extends RowFacts {
  conversationId: string;
  /** msdyn_channel; empty when the row does not say. */
  channels: readonly number[];
  wrapUpAt: EpochMs | null;
  closedAt: EpochMs | null;
  closureReason: number | null;
}

/** msdyn_sessionparticipant: one offer to an agent, and what became of it. */
export interface ParticipantRow extends RowFacts {
  sessionId: string;
  /** msdyn_agentid, a systemuser; null for someone outside, such as a number that an agent consults. */
  userId: string | null;
  /** msdyn_mode; null when the row does not say. */
  mode: number | null;
  createdAt: EpochMs;
  /** msdyn_addedon. */
  addedAt: EpochMs | null;
  joinedAt: EpochMs | null;
  leftAt: EpochMs | null;
  /** msdyn_conversationaccess: 0 Default, 1 Public, 2 Private. */
  access: number | null;
}

/** msdyn_ocsessionparticipantevent: a hold of a participant when its type says so. */
export interface ParticipantEventRow extends RowFacts {
  sessionId: string;
  participantId: string;
  type: number | null;
  startedAt: EpochMs | null;
  endedAt: EpochMs | null;
}

/**
 * A write of msdyn_ocliveworkitem.msdyn_conversationactivitystate: 1 Talk, 2 Hold, 3 Ended. Dataverse keeps no history
 * of it: only the webhooks and polls that saw it tell. One per (conversation, version).
 */
export interface ActivityChange {
  conversationId: string;
  /** The conversation row's when it was written, which orders writes of one second. */
  version: number;
  state: number;
  at: EpochMs;
  /** The conversation's active agent at that write. */
  activeUserId: string | null;
}

/** msdyn_agentstatus: one row per agent, rewritten. */
export interface AgentStatusRow extends RowFacts {
  userId: string;
  presenceId: string | null;
  isLoggedIn: boolean | null;
  presenceModifiedAt: EpochMs | null;
  modifiedAt: EpochMs;
}

/** msdyn_agentstatushistory: a new row with every change of an agent's presence or capacity. */
export interface AgentStatusHistoryRow extends RowFacts {
  userId: string;
  presenceId: string | null;
  isLoggedIn: boolean | null;
  startedAt: EpochMs;
}

/** msdyn_presence: what a presence that an admin may have named counts as. */
export interface PresenceRow extends RowFacts {
  /** msdyn_basepresencestatus: 192360000 Available, …001 Busy, …002 Do not disturb, …003 Away, …004 Offline. */
  base: number | null;
}

/** queue. */
export interface QueueRow extends RowFacts {
  name: string | null;
}

/** msdyn_ocphonecallengagementctx: the numbers of a call. */
export interface PhoneContextRow extends RowFacts {
  conversationId: string | null;
  from: string | null;
  to: string | null;
}

/** The agent's presence from then on, whichever table told of it. */
export interface PresenceChange {
  userId: string;
  at: EpochMs;
  /** msdyn_basepresencestatus of the presence. */
  base: number | null;
  isLoggedIn: boolean | null;
}

/** systemuser. */
export interface UserRow extends RowFacts {
  entraId: string | null;
  /** domainname: usually the UPN. */
  domainName: string | null;
  email: string | null;
  fullName: string | null;
  isBot: boolean;
}
