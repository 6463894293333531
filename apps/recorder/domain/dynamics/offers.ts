import type { EpochMs } from "#shared/time/units.ts";
import { type MappingSettings, PARTICIPANT_MODES, type ParticipantMode } from "./mapping-settings.ts";
import type { ConversationRow, ParticipantRow, SessionRow, UserRow } from "./rows.ts";

/** A participant row with what follows from it and the rows that it belongs to. */
export interface Offer {
  row: ParticipantRow;
  session: SessionRow | null;
  userId: string | null;
  /** Null: Dataverse does not say, or says something unknown. */
  mode: ParticipantMode | null;
  isVoice: boolean;
  joinedAt: EpochMs | null;
  /** Null also where the agent has joined again since. */
  leftAt: EpochMs | null;
  /** When it was over: left, or the session or the conversation was closed; null: it goes on. */
  endsAt: EpochMs | null;
}

/** An offer to an agent who is recorded in it. */
export type RecordedOffer = Offer & { userId: string; mode: ParticipantMode };

/** The offers of these participant rows, by time; rows of sessions that are not known have only the conversation. */
export function describeOffers(
  participants: readonly ParticipantRow[],
  sessions: readonly SessionRow[],
  conversation: ConversationRow | null,
  settings: MappingSettings,
): Offer[] {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  return participants
    .map((row) => describeOffer(row, byId.get(row.sessionId) ?? null, conversation, settings))
    .sort((left, right) => left.row.createdAt - right.row.createdAt || compareIds(left.row, right.row));
}

export function describeOffer(
  row: ParticipantRow,
  session: SessionRow | null,
  conversation: ConversationRow | null,
  settings: MappingSettings,
): Offer {
  const { joinedAt } = row;
  const hasRejoined = joinedAt !== null && row.leftAt !== null && row.leftAt < joinedAt;
  const leftAt = hasRejoined ? null : row.leftAt;
  // The agent's own row says best when the agent left; a session that was closed around an agent has ended it too.
  const ends = [leftAt ?? session?.closedAt ?? null, conversation?.closedAt ?? null];
  const known = ends.filter((at) => at !== null);
  return {
    row,
    session,
    userId: row.userId,
    mode: (row.mode === null ? undefined : PARTICIPANT_MODES[row.mode]) ?? null,
    isVoice: isVoice(conversation, session === null ? [] : [session], settings),
    joinedAt,
    leftAt,
    endsAt: known.length === 0 ? null : Math.min(...known),
  };
}

/** The conversation's channels say it, and where it has none or is not known, those of its sessions. */
export function isVoice(
  conversation: ConversationRow | null,
  sessions: readonly SessionRow[],
  settings: MappingSettings,
): boolean {
  const own = conversation?.channels ?? [];
  const channels = own.length > 0 ? own : sessions.flatMap((session) => session.channels);
  return channels.some((channel) => settings.voiceChannels.includes(channel));
}

export function isRecorded(
  offer: Offer,
  users: ReadonlyMap<string, UserRow>,
  settings: MappingSettings,
): offer is RecordedOffer {
  return offer.isVoice && isRecordedAs(offer.userId, offer.mode, users, settings);
}

/** Whether a user who takes part in this mode is recorded. A user of whom nothing is known may be a bot: not yet. */
export function isRecordedAs(
  userId: string | null,
  mode: ParticipantMode | null,
  users: ReadonlyMap<string, UserRow>,
  settings: MappingSettings,
): boolean {
  if (userId === null || mode === null || !settings.recordModes.includes(mode)) return false;
  return settings.recordBots || users.get(userId)?.isBot === false;
}

/** Whether the agent was in the call at that time by this offer: joined then or before, and it ended later or not yet. */
export function isInCallAt(offer: Offer, at: EpochMs): boolean {
  return offer.joinedAt !== null && offer.joinedAt <= at && !isOverAt(offer, at);
}

export function isOverAt(offer: Offer, at: EpochMs): boolean {
  return offer.endsAt !== null && offer.endsAt <= at;
}

function compareIds(left: { id: string }, right: { id: string }): number {
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
