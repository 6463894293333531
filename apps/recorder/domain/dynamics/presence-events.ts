import type { EpochMs } from "#shared/time/units.ts";
import { callAttributes } from "./call-attributes.ts";
import type { MappedEvent } from "./mapped-event.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import { describeOffer, isOverAt, isRecorded, type Offer } from "./offers.ts";
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
interface IgnoredPresence {
  at: EpochMs;
  reason: string;
}

export interface PresenceEvents {
  /** `agent-available` without a session, in the fold's order, each id once. */
  events: MappedEvent[];
  /** To be logged. */
  ignored: IgnoredPresence[];
}

/** msdyn_basepresencestatus. */
const AVAILABLE = 192_360_000;
const AWAY = 192_360_003;
const OFFLINE = 192_360_004;

/**
 * What the agent's presence says about the agent's calls, for those that it could end.
 *
 * - A change to Available says that the agent is done with all calls, unless a call is offered or joined and not left:
 *   then somebody set it by hand, and it is ignored.
 * - A logout says so always.
 * - A change to Away or Offline says so after the agent's wrap-up, unless there is another call.
 *
 * A browser that dies changes no presence, and so says nothing. All of it depends on there being no other call, so it
 * is derived up to `completeAsOf`.
 */
export function derivePresenceEvents(knowledge: AgentKnowledge, settings: MappingSettings): PresenceEvents {
  const { userId, user, completeAsOf } = knowledge;
  const found: PresenceEvents = { events: [], ignored: [] };
  if (completeAsOf === null || user === null || (user.isBot && !settings.recordBots)) return found;
  const calls = knowledge.participations.map((one) => describeCall(one, knowledge, settings));
  const attributes = callAttributes({ conversation: null, customer: null, queueName: null, user });
  for (const { change, meaning } of readMeanings(knowledge.changes)) {
    const { at } = change;
    if (at > completeAsOf || !calls.some((call) => couldEnd(call, at))) continue;
    if (meaning === "away" && !calls.some((call) => isInWrapUp(call, at))) continue;
    const others = calls.filter((call) => isTakenUp(call, at, meaning));
    if (others.length > 0) {
      const list = others.map((call) => call.offer.row.id).join(", ");
      found.ignored.push({ at, reason: `${meaning} while offered a call or in one (participant ${list})` });
      continue;
    }
    const id = `${userId}:agent-available:${at / 1_000}`;
    if (found.events.some((event) => event.id === id)) continue;
    found.events.push({ id, type: "agent-available", at, userId, callSessionId: null, attributes });
  }
  return found;
}

/** `away`: Away or Offline. */
type Meaning = "available" | "logout" | "away";

interface Judged {
  change: PresenceChange;
  meaning: Meaning;
}

/** The changes that say something, by time. Only a presence other than the one before is a change. */
function readMeanings(changes: readonly PresenceChange[]): Judged[] {
  const sorted = [...changes].sort(compareChanges);
  return sorted.flatMap((change, index): Judged[] => {
    const before = sorted[index - 1];
    if (change.isLoggedIn === false && before?.isLoggedIn !== false) return [{ change, meaning: "logout" }];
    if (before === undefined || before.base === change.base) return [];
    if (isAvailable(change)) return [{ change, meaning: "available" }];
    return change.base === AWAY || change.base === OFFLINE ? [{ change, meaning: "away" }] : [];
  });
}

/** Which of two changes of one second came last, nothing says: an availability is taken for the last. */
function compareChanges(left: PresenceChange, right: PresenceChange): number {
  return (
    left.at - right.at ||
    Number(isAvailable(left)) - Number(isAvailable(right)) ||
    (left.base ?? -1) - (right.base ?? -1) ||
    Number(left.isLoggedIn ?? -1) - Number(right.isLoggedIn ?? -1)
  );
}

function isAvailable(change: PresenceChange): boolean {
  return change.base === AVAILABLE;
}

/** An offer with what decides whether a presence is about it. */
interface Call {
  offer: Offer;
  /** Also where nobody says which channel it is. */
  mayBeVoice: boolean;
  isRecorded: boolean;
  closedAt: EpochMs | null;
  /** Of the conversation, if it is this agent's. */
  wrapUpAt: EpochMs | null;
}

function describeCall(one: AgentParticipation, knowledge: AgentKnowledge, settings: MappingSettings): Call {
  const { participant, session, conversation } = one;
  const { userId, user } = knowledge;
  const offer = describeOffer(participant, session, conversation, settings);
  const users = new Map(user === null ? [] : [[userId, user]]);
  const channels = [...(conversation?.channels ?? []), ...(session?.channels ?? [])];
  return {
    offer,
    mayBeVoice: offer.isVoice || channels.length === 0,
    isRecorded: isRecorded(offer, users, settings),
    closedAt: conversation?.closedAt ?? null,
    wrapUpAt: conversation?.activeUserId === userId ? conversation.wrapUpAt : null,
  };
}

/** An offer made before, in a conversation that goes on: there may be a recording of it that goes on too. */
function couldEnd({ offer, isRecorded: isOurs, closedAt }: Call, at: EpochMs): boolean {
  return isOurs && offer.row.createdAt < at && (closedAt === null || closedAt > at);
}

/** The agent is offered this call, or has joined and not left it, at that time, and the presence does not end that. */
function isTakenUp(call: Call, at: EpochMs, meaning: Meaning): boolean {
  const isOn = call.mayBeVoice && call.offer.row.createdAt <= at && !isOverAt(call.offer, at);
  switch (meaning) {
    case "logout":
      return false;
    case "available":
      return isOn;
    case "away":
      return isOn && !isInWrapUp(call, at);
  }
}

/** The conversation is in this agent's wrap-up, or the agent has left it to others. */
function isInWrapUp(call: Call, at: EpochMs): boolean {
  if (!couldEnd(call, at)) return false;
  const { offer, wrapUpAt } = call;
  const hasLeft = offer.mode === "primary" && offer.joinedAt !== null && isOverAt(offer, at);
  return hasLeft || (wrapUpAt !== null && wrapUpAt <= at);
}
