import type { CallEventType } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { compareItems, isKeeping } from "../call-history.ts";
import { callAttributes } from "./call-attributes.ts";
import { conferencingAt, consultDoneAt, findConsultations } from "./consultations.ts";
import {
  findTwins,
  type Hold,
  type HoldMark,
  marksOf,
  readActivityHolds,
  readEventHolds,
  uniteHolds,
} from "./holds.ts";
import type { MappedEvent } from "./mapped-event.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import {
  describeOffers,
  isInCallAt,
  isRecorded,
  isRecordedAs,
  isVoice,
  type Offer,
  type RecordedOffer,
} from "./offers.ts";
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
   * conversation in which something happened later than `holdMatchMs` before that must be derived again after the next
   * read.
   */
  completeAsOf: EpochMs | null;
}

/** statuscode of a conversation: 4 Closed, 6 Resolved. */
const CLOSED_STATUSES: readonly number[] = [4, 6];
/** With 5 Wrap-up: from then on the wrap-up's time is the last agent's. */
const WRAP_UP_STATUSES: readonly number[] = [5, ...CLOSED_STATUSES];

/**
 * Everything that the rows tell of a conversation as call events, sorted as the lifecycle folds them (at, then id).
 *
 * What starts and stops captures comes from one row each and is right whatever else is missing: `ringing`, `connected`,
 * `not-responding` by the participant's own row, and the end at the conversation's close. All else depends on something
 * not being in other rows, and is derived only up to `completeAsOf`. So every order of webhooks gives the same events.
 */
export function deriveConversationEvents(
  knowledge: ConversationKnowledge,
  settings: MappingSettings,
): MappedEvent[] {
  const { conversation, users } = knowledge;
  const voice: Offer[] = describeOffers(
    knowledge.participants,
    knowledge.sessions,
    conversation,
    settings,
  ).filter((offer) => offer.isVoice);
  const recorded = voice.filter((offer) => isRecorded(offer, users, settings));
  const activeUserId = conversation?.activeUserId ?? null;
  const active =
    isVoice(conversation, knowledge.sessions, settings) &&
    isRecordedAs(activeUserId, "primary", users, settings)
      ? activeUserId
      : null;
  const scene: Scene = { knowledge, settings, conversation, voice, recorded, active };
  const asOf = knowledge.completeAsOf ?? Number.NEGATIVE_INFINITY;
  const facts = [
    ...recorded.flatMap((offer) => offerFacts(offer, settings)),
    ...closeFacts(scene),
    ...[...endFacts(scene), ...consultationFacts(scene)].filter((fact) => fact.at <= asOf),
    ...holdFacts(scene, asOf),
  ];
  const all = [...facts, ...wrapUpsOfEnds(facts, knowledge)];
  return toEvents(all, knowledge);
}

interface Scene {
  knowledge: ConversationKnowledge;
  settings: MappingSettings;
  conversation: ConversationRow | null;
  voice: readonly Offer[];
  recorded: readonly RecordedOffer[];
  /** The conversation's active agent, if recorded. */
  active: string | null;
}

/** An event of this conversation, before it has its id. */
interface Fact {
  type: CallEventType;
  userId: string;
  at: EpochMs;
}

/** What an agent's own row says. */
function offerFacts({ row, userId, joinedAt, leftAt }: RecordedOffer, settings: MappingSettings): Fact[] {
  const facts: Fact[] = [];
  const rangAt = settings.ringingTime === "addedon" ? row.addedAt : row.createdAt;
  // Who has joined by the second of the offer was never rung: auto-answer, or the agent's own call.
  const hasRung = rangAt !== null && (joinedAt === null || joinedAt > rangAt);
  if (hasRung) facts.push({ type: "ringing", userId, at: rangAt });
  if (joinedAt !== null) facts.push({ type: "connected", userId, at: joinedAt });
  else if (leftAt !== null) facts.push({ type: "not-responding", userId, at: leftAt });
  return facts;
}

/** The conversation's close ends it at everybody in it. */
function closeFacts({ conversation, recorded, active }: Scene): Fact[] {
  if (conversation === null || conversation.closedAt === null) return [];
  if (!CLOSED_STATUSES.includes(conversation.status)) return [];
  const { closedAt } = conversation;
  const userIds = new Set(recorded.map((offer) => offer.userId));
  if (active !== null) userIds.add(active);
  return [...userIds].map((userId) => ({ type: "agent-available", userId, at: closedAt }));
}

/** How agents' parts in the call ended, by their own rows and those around them. */
function endFacts(scene: Scene): Fact[] {
  const { conversation, recorded, settings } = scene;
  const facts: Fact[] = [];
  const wrapUp = activeWrapUp(scene);
  if (wrapUp !== null) facts.push(wrapUp);
  for (const offer of recorded) {
    const { userId, joinedAt, leftAt, session, row } = offer;
    if (joinedAt === null) {
      const { closedAt = null, closureReason = null } = session ?? {};
      const isMissed = closureReason !== null && settings.notRespondingClosures.includes(closureReason);
      if (leftAt === null && closedAt !== null && isMissed && row.createdAt <= closedAt) {
        facts.push({ type: "not-responding", userId, at: closedAt });
      }
      continue;
    }
    // A consulted agent who takes the call over leaves one offer and is in the next.
    if (leftAt === null || isInCallOtherwise(recorded, offer, leftAt)) continue;
    if (offer.mode !== "primary") {
      facts.push({ type: "agent-available", userId, at: leftAt });
      continue;
    }
    const goesOn =
      conversation !== null && (conversation.closedAt === null || leftAt < conversation.closedAt);
    const hasWrappedUp = wrapUp !== null && wrapUp.userId === userId && wrapUp.at <= leftAt;
    if (goesOn && !hasWrappedUp) facts.push({ type: "wrap-up", userId, at: leftAt });
  }
  return facts;
}

/** The conversation's own wrap-up, which is its active agent's; not of one who had left the call before. */
function activeWrapUp({ conversation, recorded, active }: Scene): (Fact & { type: "wrap-up" }) | null {
  if (conversation === null || active === null || conversation.wrapUpAt === null) return null;
  const { wrapUpAt, closedAt, status } = conversation;
  if (!WRAP_UP_STATUSES.includes(status) || (closedAt !== null && wrapUpAt > closedAt)) return null;
  const own = recorded.filter((offer) => offer.userId === active && offer.mode === "primary");
  const isGone = own.length > 0 && own.every((offer) => offer.endsAt !== null && offer.endsAt < wrapUpAt);
  return isGone ? null : { type: "wrap-up", userId: active, at: wrapUpAt };
}

function consultationFacts(scene: Scene): Fact[] {
  const { voice, knowledge, settings } = scene;
  const isIn = (offer: Offer): offer is RecordedOffer => isRecorded(offer, knowledge.users, settings);
  const { byEvents, byActivity } = readHolds(scene);
  const holds = uniteHolds(byEvents, byActivity, settings.holdMatchMs);
  return findConsultations(voice).flatMap((consultation) => {
    const { consult, primary } = consultation;
    const facts: Fact[] = [];
    const doneAt = consultDoneAt(consultation);
    if (isIn(primary)) {
      facts.push({ type: "consulting", userId: primary.userId, at: consult.row.createdAt });
      if (doneAt !== null) facts.push({ type: "consult-done", userId: primary.userId, at: doneAt });
    }
    const conferenceAt = conferencingAt(consultation, holds, settings);
    if (conferenceAt === null) return facts;
    const members = [primary, consult].filter(isIn);
    return [
      ...facts,
      ...members.map(({ userId }) => ({ type: "conferencing" as const, userId, at: conferenceAt })),
    ];
  });
}

/**
 * Holds by both signals, each hold once. A hold that only the activity state tells of is settled when a participant
 * event of it would have shown.
 */
function holdFacts(scene: Scene, asOf: EpochMs): Fact[] {
  const { knowledge, recorded, settings } = scene;
  const holds = readHolds(scene);
  const byEvents = marksOf(holds.byEvents, recorded);
  const united = uniteHolds(holds.byEvents, holds.byActivity, settings.holdMatchMs);
  const isSame = (one: HoldMark, other: HoldMark) =>
    one.type === other.type && one.userId === other.userId && one.at === other.at;
  const byActivity = marksOf(united, recorded).filter((mark) => !byEvents.some((one) => isSame(one, mark)));
  const settleMs = settings.holdSignals.includes("participant-events") ? settings.holdMatchMs : 0;
  const marks = [
    ...byEvents.filter((mark) => mark.at <= asOf),
    ...byActivity.filter((mark) => mark.at + settleMs <= asOf),
  ];
  const stored = knowledge.stored.filter((event): event is HoldMark => isHoldType(event.type));
  const fresh = marks.filter((mark) => !stored.some((event) => isSame(event, mark)));
  const others = stored.filter((event) => !marks.some((mark) => isSame(event, mark)));
  const known = findTwins(fresh, others, settings.holdMatchMs);
  return marks.filter((mark) => !known.has(mark));
}

function readHolds({ knowledge, recorded, settings }: Scene): { byEvents: Hold[]; byActivity: Hold[] } {
  return {
    byEvents: readEventHolds(knowledge.participantEvents, recorded, settings),
    byActivity: readActivityHolds(knowledge.activityChanges, settings),
  };
}

function isHoldType(type: CallEventType): type is HoldMark["type"] {
  return type === "on-hold" || type === "hold-done";
}

function isInCallOtherwise(offers: readonly RecordedOffer[], offer: RecordedOffer, at: EpochMs): boolean {
  return offers.some((other) => other !== offer && other.userId === offer.userId && isInCallAt(other, at));
}

/**
 * The lifecycle ends a leg by an availability only if the leg's last event is older, or a wrap-up of the same second.
 * A hold or consultation that the hanging-up ended has that very second, and so may a last offer to an agent who had
 * answered before: then the agent's wrap-up begins there too.
 */
function wrapUpsOfEnds(facts: readonly Fact[], { stored, conversation }: ConversationKnowledge): Fact[] {
  const all = [...facts, ...stored];
  const hasAnswered = ({ userId, at }: Fact) =>
    all.some((other) => other.userId === userId && other.type === "connected" && other.at <= at);
  return facts
    .filter((fact) => fact.type === "agent-available")
    .filter((end) => {
      const same = all.filter((other) => other.userId === end.userId && other.at === end.at);
      const isRung = same.some(({ type }) => type === "ringing") && end.at === conversation?.closedAt;
      return same.some(({ type }) => isKeeping(type)) || (isRung && hasAnswered(end));
    })
    .map((end) => ({ ...end, type: "wrap-up" }));
}

function toEvents(facts: readonly Fact[], knowledge: ConversationKnowledge): MappedEvent[] {
  const { conversationId, conversation, customer, queueName, users } = knowledge;
  const events = new Map<string, MappedEvent>();
  for (const { type, userId, at } of facts) {
    const id = `${conversationId}:${userId}:${type}:${at / 1_000}`;
    const user = users.get(userId) ?? null;
    const attributes = callAttributes({ conversation, customer, queueName, user });
    events.set(id, { id, type, at, userId, callSessionId: conversationId, attributes });
  }
  return [...events.values()].sort(compareItems);
}
