import type { DurationMs, EpochMs } from "#shared/time/units.ts";

/** How an agent takes part in a conversation. */
export type StintMode = "primary" | "consult" | "monitor" | "preview";

/** A session as far as the script's engine keeps it in mind. */
export interface OpenSession {
  readonly id: string;
  isClosed: boolean;
}

/** What all stints of a conversation share. */
export interface ConversationState {
  readonly isVoice: boolean;
  wrapUpAt: EpochMs | null;
  closedAt: EpochMs | null;
}

/** One presence of an agent in a conversation, from the offer on: a participant's row. */
export interface Stint {
  readonly participantId: string;
  readonly session: OpenSession;
  readonly conversation: ConversationState;
  /** A key of the script's agents. */
  readonly agent: string;
  readonly upn: string;
  readonly userId: string;
  readonly isBot: boolean;
  readonly mode: StintMode;
  readonly offeredAt: EpochMs;
  joinedAt: EpochMs | null;
  leftAt: EpochMs | null;
  /** Dynamics took the offer back without a word in the participant's row. */
  droppedAt: EpochMs | null;
  /** Since when the agent is in a wrap-up of this stint. */
  wrapUpAt: EpochMs | null;
  /** The hold that the agent has the customer on. */
  hold: { readonly eventId: string; readonly since: EpochMs } | null;
  heldMs: DurationMs;
  /** The customer hears this consultation. */
  isPublic: boolean;
  wasInConference: boolean;
}

/** Offered or in the call, wrap-up included. */
export function isGoingOn(stint: Stint): boolean {
  return stint.leftAt === null && stint.droppedAt === null && stint.conversation.closedAt === null;
}

export function isOffered(stint: Stint): boolean {
  return isGoingOn(stint) && stint.joinedAt === null;
}

export function isIn(stint: Stint): boolean {
  return isGoingOn(stint) && stint.joinedAt !== null;
}

/** What is recorded of people's work: calls, whether an agent's own or a colleague's who asks. */
export function isRecorded(stint: Stint): boolean {
  return !stint.isBot && stint.conversation.isVoice && (stint.mode === "primary" || stint.mode === "consult");
}
