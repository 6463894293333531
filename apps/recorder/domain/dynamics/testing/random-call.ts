import type { EpochMs } from "#shared/time/units.ts";
import type { ConversationKnowledge } from "../conversation-events.ts";
import type { ActivityChange, ParticipantEventRow, ParticipantRow, SessionRow } from "../rows.ts";
import { conversation, known, offer, session, VOICE } from "./known-rows.ts";

export const STEPS = [
  "ring",
  "auto-answer",
  "join",
  "miss",
  "leave",
  "hold",
  "talk",
  "consult",
  "wrap-up",
  "close",
] as const;
/** A call as Dataverse writes it, with every fact at its time. */
export interface RandomCall {
  sessions: SessionRow[];
  participants: ParticipantRow[];
  participantEvents: ParticipantEventRow[];
  activityChanges: ActivityChange[];
  /** The active agent from each time on. */
  active: { at: EpochMs; userId: string }[];
  wrapUpAt: EpochMs | null;
  closedAt: EpochMs | null;
}

/** What is to happen next, if it can happen then. */
export interface RandomStep {
  step: (typeof STEPS)[number];
  user: string;
  /** Seconds since the step before. */
  after: number;
  /** What tells of it, if it is a hold. */
  signal: "participant-event" | "activity-state" | "both";
}

/** Whether an offer goes on. */
function isOn(row: ParticipantRow): boolean {
  return row.leftAt === null;
}

/** The call that these steps make, of which those count that can happen; it may go on in the end. */
export function playCall(drawn: readonly RandomStep[]): RandomCall {
  const call: RandomCall = {
    sessions: [],
    participants: [],
    participantEvents: [],
    activityChanges: [],
    active: [],
    wrapUpAt: null,
    closedAt: null,
  };
  let seconds = 1_000;
  for (const { step, user, after, signal } of drawn) {
    seconds += after;
    if (call.closedAt !== null) break;
    takeStep(call, { step, user, seconds, signal });
  }
  return call;
}

function takeStep(
  call: RandomCall,
  { step, user, seconds, signal }: Omit<RandomStep, "after"> & { seconds: number },
): void {
  const at = seconds * 1_000;
  const own = call.participants.findLast((row) => row.userId === user && isOn(row));
  const primary = call.participants.findLast(
    (row) => row.mode === 192_350_002 && row.joinedAt !== null && isOn(row),
  );
  const lasting = call.participantEvents.findLast((row) => row.endedAt === null);
  const isHeld = call.activityChanges.at(-1)?.state === 2;
  const join = (row: ParticipantRow): void => {
    row.joinedAt = at;
    if (row.mode === 192_350_002) call.active.push({ at, userId: user });
  };
  const leave = (row: ParticipantRow): void => {
    if (lasting?.participantId === row.id) lasting.endedAt = at;
    row.leftAt = at;
  };
  if (call.wrapUpAt !== null && step !== "close") return;
  switch (step) {
    case "ring":
    case "auto-answer": {
      if (own !== undefined) return;
      const id = `s${call.sessions.length + 1}`;
      call.sessions.push(session(id, { channels: call.sessions.length % 2 === 0 ? [VOICE] : [] }));
      const row = offer(user, seconds, { session: id, id: `p${call.participants.length}` });
      call.participants.push(row);
      if (step === "auto-answer") join(row);
      return;
    }
    case "consult": {
      if (own !== undefined || primary === undefined) return;
      const id = `p${call.participants.length}`;
      call.participants.push(offer(user, seconds, { session: primary.sessionId, mode: "consult", id }));
      return;
    }
    case "join":
      if (own !== undefined && own.joinedAt === null) join(own);
      return;
    case "miss":
      if (own !== undefined && own.joinedAt === null) leave(own);
      return;
    case "leave":
      if (own !== undefined && own.joinedAt !== null) leave(own);
      return;
    case "hold":
      if (primary === undefined) return;
      if (signal !== "activity-state" && lasting === undefined) {
        const id = `h${call.participantEvents.length}`;
        const facts = { type: 192_350_001, startedAt: at, endedAt: null };
        call.participantEvents.push({
          id,
          version: 1,
          sessionId: primary.sessionId,
          participantId: primary.id,
          ...facts,
        });
      }
      if (signal !== "participant-event" && !isHeld) writeActivity(call, 2, at);
      return;
    case "talk":
      if (signal !== "activity-state" && lasting !== undefined) lasting.endedAt = at;
      if (signal !== "participant-event" && isHeld) writeActivity(call, 1, at);
      return;
    case "wrap-up":
      if (primary !== undefined) call.wrapUpAt = at;
      return;
    case "close":
      for (const row of call.participants.filter(isOn)) leave(row);
      call.closedAt = at;
  }
}

function writeActivity(call: RandomCall, state: number, at: EpochMs): void {
  const activeUserId = call.active.at(-1)?.userId ?? null;
  const version = call.activityChanges.length + 1;
  call.activityChanges.push({ conversationId: "call", version, state, at, activeUserId });
}

/** What a full read at that time finds, everything of that second included. */
export function readCallAt(call: RandomCall, asOf: EpochMs): ConversationKnowledge {
  const by = (at: EpochMs | null): EpochMs | null => (at !== null && at <= asOf ? at : null);
  const wrapUpAt = by(call.wrapUpAt);
  const closedAt = by(call.closedAt);
  return known({
    conversation: {
      ...conversation({ activeUserId: call.active.findLast(({ at }) => at <= asOf)?.userId ?? null }),
      status: closedAt !== null ? 4 : wrapUpAt !== null ? 5 : 2,
      wrapUpAt,
      closedAt,
    },
    sessions: call.sessions,
    participants: call.participants
      .filter((row) => row.createdAt <= asOf)
      .map((row) => ({ ...row, joinedAt: by(row.joinedAt), leftAt: by(row.leftAt) })),
    participantEvents: call.participantEvents
      .filter((row) => by(row.startedAt) !== null)
      .map((row) => ({ ...row, endedAt: by(row.endedAt) })),
    activityChanges: call.activityChanges.filter((change) => change.at <= asOf),
    completeAsOf: asOf,
  });
}

/** All of a call. */
export function readWholeCall(call: RandomCall): ConversationKnowledge {
  return { ...readCallAt(call, 1e9), completeAsOf: Number.POSITIVE_INFINITY };
}
