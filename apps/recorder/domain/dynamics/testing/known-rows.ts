import type { EpochMs } from "#shared/time/units.ts";
import type { ConversationKnowledge } from "../conversation-events.ts";
import type { MappedEvent } from "../mapped-event.ts";
import type { MappingSettings, ParticipantMode } from "../mapping-settings.ts";
import type { AgentKnowledge } from "../presence-events.ts";
import type {
  ActivityChange,
  ConversationRow,
  ParticipantEventRow,
  ParticipantRow,
  PresenceChange,
  SessionRow,
  UserRow,
} from "../rows.ts";

/** The configuration's defaults; a test in dynamics/ compares them. */
export const SETTINGS: MappingSettings = {
  voiceChannels: [192_440_000, 192_370_000],
  recordModes: ["primary", "consult"],
  recordBots: false,
  ringingTime: "createdon",
  holdSignals: ["participant-events", "activity-state"],
  holdMatchMs: 10_000,
  holdEventType: 192_350_001,
  conferencing: "off-hold",
  notRespondingClosures: [192_350_001, 192_350_002, 192_350_013, 192_350_017, 192_350_064, 192_350_065],
};

export const VOICE = 192_440_000;
export const CHAT = 192_360_000;
export const PRESENCE = {
  available: 192_360_000,
  busy: 192_360_001,
  away: 192_360_003,
  offline: 192_360_004,
} as const;

const MODES: Record<ParticipantMode, number> = {
  primary: 192_350_002,
  consult: 192_350_003,
  monitor: 192_350_004,
  preview: 192_350_005,
};

/** Times of these builders are seconds; a row says nothing where nothing is given. */
type Seconds = number;

function ms(seconds: Seconds | undefined): EpochMs | null {
  return seconds === undefined ? null : seconds * 1_000;
}

export function conversation(
  facts: Partial<Omit<ConversationRow, "wrapUpAt" | "closedAt">> & {
    wrapUp?: Seconds;
    closed?: Seconds;
  } = {},
): ConversationRow {
  const { wrapUp, closed, ...rest } = facts;
  const status = closed === undefined ? (wrapUp === undefined ? 2 : 5) : 4;
  return {
    id: "call",
    version: 1,
    channels: [VOICE],
    status,
    wrapUpAt: ms(wrapUp),
    closedAt: ms(closed),
    activeUserId: null,
    activityState: null,
    isOutbound: null,
    queueId: null,
    ...rest,
  };
}

export function session(
  id: string,
  facts: { channels?: number[]; closed?: Seconds; reason?: number } = {},
): SessionRow {
  return {
    id,
    version: 1,
    conversationId: "call",
    channels: facts.channels ?? [],
    wrapUpAt: null,
    closedAt: ms(facts.closed),
    closureReason: facts.reason ?? null,
  };
}

/** An offer to a user in session s1, made at second `created`. */
export function offer(
  userId: string | null,
  created: Seconds,
  facts: {
    id?: string;
    session?: string;
    mode?: ParticipantMode | number | null;
    added?: Seconds;
    joined?: Seconds;
    left?: Seconds;
    access?: number;
  } = {},
): ParticipantRow {
  const { mode = "primary" } = facts;
  return {
    id: facts.id ?? `${userId}@${created}`,
    version: 1,
    sessionId: facts.session ?? "s1",
    userId,
    mode: typeof mode === "string" ? MODES[mode] : mode,
    createdAt: created * 1_000,
    addedAt: ms(facts.added),
    joinedAt: ms(facts.joined),
    leftAt: ms(facts.left),
    access: facts.access ?? null,
  };
}

/** A participant event of an offer with the default id. */
export function hold(
  participantId: string,
  started: Seconds,
  ended?: Seconds,
  type = SETTINGS.holdEventType,
): ParticipantEventRow {
  const id = `${participantId}/${started}`;
  return { id, version: 1, sessionId: "s1", participantId, type, startedAt: ms(started), endedAt: ms(ended) };
}

export function activity(
  at: Seconds,
  state: number,
  activeUserId: string | null,
  version = at,
): ActivityChange {
  return { conversationId: "call", version, state, at: at * 1_000, activeUserId };
}

export function user(id: string, facts: Partial<UserRow> = {}): UserRow {
  return {
    id,
    version: 1,
    entraId: null,
    domainName: `${id}@contoso.com`,
    email: null,
    fullName: null,
    isBot: false,
    ...facts,
  };
}

/** People, and a bot. */
const USERS: ReadonlyMap<string, UserRow> = new Map(
  [user("ann"), user("bob"), user("eve"), user("bot", { isBot: true })].map((row) => [row.id, row]),
);

/** All of a conversation that ended long ago, unless said otherwise. */
export function known(facts: Partial<ConversationKnowledge>): ConversationKnowledge {
  return {
    conversationId: "call",
    conversation: conversation(),
    sessions: [session("s1"), session("s2")],
    participants: [],
    participantEvents: [],
    activityChanges: [],
    users: USERS,
    queueName: null,
    customer: null,
    stored: [],
    completeAsOf: Number.POSITIVE_INFINITY,
    ...facts,
  };
}

export function presence(
  at: Seconds,
  base: keyof typeof PRESENCE | number | null,
  isLoggedIn: boolean | null = null,
): PresenceChange {
  return {
    userId: "ann",
    at: at * 1_000,
    base: typeof base === "string" ? PRESENCE[base] : base,
    isLoggedIn,
  };
}

export function knownAgent(facts: Partial<AgentKnowledge>): AgentKnowledge {
  return {
    userId: "ann",
    user: user("ann"),
    changes: [],
    participations: [],
    completeAsOf: Number.POSITIVE_INFINITY,
    ...facts,
  };
}

/** One line per event: `user type second`. */
export function lines(events: readonly MappedEvent[]): string[] {
  return events.map(({ userId, type, at }) => `${userId} ${type} ${at / 1_000}`);
}
