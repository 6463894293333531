import type { EpochMs } from "#shared/time/units.ts";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { DynamicsRow, DynamicsRows, Touched } from "../call-buffer/dynamics-rows.ts";
import type { ConversationKnowledge, StoredEvent } from "../domain/dynamics/conversation-events.ts";
import type { AgentKnowledge, AgentParticipation } from "../domain/dynamics/presence-events.ts";
import { presenceOfHistory } from "../domain/dynamics/presence-changes.ts";
import type { MirroredRow } from "../domain/dynamics/row-state.ts";
import type {
  ActivityChange,
  ConversationRow,
  ParticipantRow,
  PhoneContextRow,
  PresenceChange,
  PresenceRow,
  UserRow,
} from "../domain/dynamics/rows.ts";
import { type Mirror, type StoredPresence, toWholeRow } from "./mirror.ts";
import type { ROW_TABLES, RowKind } from "./row-schemas.ts";

/** Servers commit late now and then: what came before the first change is looked at again this far back. */
const LOOK_BACK_MS = 600_000;

/** Reads from the mirror what the mapping needs to know. */
export class KnowledgeReader {
  readonly #rows: DynamicsRows;
  readonly #mirror: Mirror;

  constructor(rows: DynamicsRows, mirror: Mirror) {
    this.#rows = rows;
    this.#mirror = mirror;
  }

  ofConversation(conversationId: string, completeAsOf: EpochMs | null): ConversationKnowledge {
    const stored = this.#rows.ofConversation(conversationId);
    const conversation = wholeRows("conversation", stored)[0] ?? null;
    const participants = wholeRows("participant", stored);
    const { queueId = null } = conversation ?? {};
    return {
      conversationId,
      conversation,
      sessions: wholeRows("session", stored),
      participants,
      participantEvents: wholeRows("participant-event", stored),
      activityChanges: stored
        .filter(({ kind }) => kind === "activity-change")
        .map(({ facts }) => JSON.parse(facts) as ActivityChange),
      users: this.#usersOf(conversation, participants),
      queueName: queueId === null ? null : (this.#mirror.find("queue", queueId)?.name ?? null),
      customer: customerOf(conversation, wholeRows("phone-context", stored)),
      stored: this.#storedEventsOf(conversationId),
      completeAsOf,
    };
  }

  /** What is known of an agent for the changes since it was touched. */
  ofAgent({ id: userId, firstAt }: Touched, completeAsOf: EpochMs): AgentKnowledge {
    const changes = this.#changesOf(userId, firstAt - LOOK_BACK_MS);
    const since = changes.reduce((least, { at }) => Math.min(least, at), firstAt);
    const participations = this.#rows
      .participationsOf(userId, since)
      .flatMap((row) => this.#participationOf(row) ?? []);
    return { userId, user: this.#mirror.find("user", userId), changes, participations, completeAsOf };
  }

  /** Presences that changes of touched agents speak of and that are not known. */
  unknownPresences(agents: readonly Touched[]): string[] {
    const ids = agents.flatMap(({ id, firstAt }) =>
      this.#presencesOf(id, firstAt - LOOK_BACK_MS).flatMap(({ presenceId }) => presenceId ?? []),
    );
    return [...new Set(ids)].filter((id) => !this.#mirror.has("presence", id));
  }

  /** Whether a presence of the agent might end something: a conversation of the agent's is not known to be closed. */
  isInACall(userId: string): boolean {
    return this.#rows.participationsOf(userId, Number.POSITIVE_INFINITY).length > 0;
  }

  #usersOf(
    conversation: ConversationRow | null,
    participants: readonly ParticipantRow[],
  ): Map<string, UserRow> {
    const ids = new Set(participants.flatMap(({ userId }) => userId ?? []));
    if (conversation !== null && conversation.activeUserId !== null) ids.add(conversation.activeUserId);
    const users = [...ids].flatMap((id) => this.#mirror.find("user", id) ?? []);
    return new Map(users.map((user) => [user.id, user]));
  }

  /** By the ids that the mapping gives: `conversation:user:type:second`. */
  #storedEventsOf(conversationId: string): StoredEvent[] {
    return this.#rows.eventIds(`${conversationId}:`).flatMap((id) => {
      const [, userId, type, second] = id.split(":");
      if (userId === undefined || second === undefined) return [];
      return [{ type: type as CallEventType, userId, at: Number(second) * 1_000 }];
    });
  }

  #participationOf(row: DynamicsRow): AgentParticipation | null {
    const participant = toWholeRow("participant", JSON.parse(row.facts) as MirroredRow);
    if (participant === null) return null;
    const session = this.#mirror.find("session", participant.sessionId);
    const conversation = session === null ? null : this.#mirror.find("conversation", session.conversationId);
    return { participant, session, conversation };
  }

  #changesOf(userId: string, since: EpochMs): PresenceChange[] {
    const presences = new Map<string, PresenceRow>();
    return this.#presencesOf(userId, since).map((change) => {
      const { presenceId } = change;
      if (presenceId !== null && !presences.has(presenceId)) {
        const presence = this.#mirror.find("presence", presenceId);
        if (presence !== null) presences.set(presenceId, presence);
      }
      return presenceOfHistory({ ...change, id: "", version: 0, startedAt: change.at }, presences);
    });
  }

  #presencesOf(userId: string, since: EpochMs): StoredPresence[] {
    const history = wholeRows(
      "agent-status-history",
      this.#rows.changesOf(userId, "agent-status-history", since),
    ).map(
      (row): StoredPresence => ({
        userId,
        at: row.startedAt,
        presenceId: row.presenceId,
        isLoggedIn: row.isLoggedIn,
      }),
    );
    const seen = this.#rows.changesOf(userId, "presence-change", since);
    return [...history, ...seen.map(({ facts }) => JSON.parse(facts) as StoredPresence)];
  }
}

type WholeRow<Kind extends RowKind> = NonNullable<ReturnType<(typeof ROW_TABLES)[Kind]["toRow"]>>;

function wholeRows<Kind extends RowKind>(kind: Kind, stored: readonly DynamicsRow[]): WholeRow<Kind>[] {
  const rows: WholeRow<Kind>[] = [];
  for (const row of stored) {
    if (row.kind !== kind) continue;
    const whole = toWholeRow(kind, JSON.parse(row.facts) as MirroredRow);
    if (whole !== null) rows.push(whole);
  }
  return rows;
}

/** Whom the agent talks to: the caller, or who was called. */
function customerOf(
  conversation: ConversationRow | null,
  contexts: readonly PhoneContextRow[],
): string | null {
  if (conversation === null) return null;
  const numbers = contexts.map(({ from, to }) => (conversation.isOutbound === true ? to : from));
  return numbers.find((number) => number !== null) ?? null;
}
