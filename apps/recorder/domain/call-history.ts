import type { CallEventType } from "#shared/api/call-event.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { PolicyReason, PolicySettings } from "./policy.ts";

/** A stored call event as the lifecycle sees it. */
export interface HistoryEvent {
  id: string;
  type: CallEventType;
  /** Null only for `agent-available`: then it speaks of all the agent's calls. */
  callSessionId: string | null;
  /** What events are ordered by: the earlier of the source's time and our receipt, so that no event lies in the future. */
  at: EpochMs;
  /** How long the event was under way: receipt minus the source's time; negative when the source's clock is ahead. */
  lateByMs: DurationMs;
}

/** What the recorder itself decided about a recording; stored and folded like an event, shown as a note. */
export const DECISION_KINDS = [
  /** The guard on unanswered rings fired, and nobody can be asked: the ring is over. */
  "max-ring",
  /** The guard on unanswered rings fired: Dynamics is asked, and capture goes on meanwhile. */
  "ring-expired",
  /** The guard on wrap-up fired. */
  "max-wrap-up",
  /** The guard on calls that nothing is heard of any more fired. */
  "max-silence",
  /** The guard on a recording's length fired. */
  "max-recording",
  /** Every event was too old for a capture to begin. */
  "start-refused",
  /** The look-up for a call whose events came too late: the agent is in it now, so capture may begin. */
  "still-joined",
  /** The evidence look-up: the agent had joined the call. */
  "answered",
  /** The evidence look-up: the agent never joined the call. */
  "not-answered",
  /** The evidence look-up got no answer for as long as the files were held. */
  "unconfirmed",
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** What a recording's note calls decisions that have another name there. */
const NOTE_WORDS: Partial<Record<DecisionKind, string>> = {
  "start-refused": "events-late",
  "ring-expired": "max-ring",
};

/** A decision as a recording's note has it. */
export function noteWord(kind: DecisionKind): string {
  return NOTE_WORDS[kind] ?? kind;
}

/** A decision with the recording it is about. */
export interface Decision {
  id: string;
  recordingId: string;
  callSessionId: string;
  kind: DecisionKind;
  at: EpochMs;
}

/** A leg as the catalogue knows it. `endedAt` set = closed: its start and end are facts that no later event moves. */
export interface StoredLeg {
  recordingId: string;
  callSessionId: string;
  /** Counts the agent's legs in this call session, from 1. */
  leg: number;
  phase: "provisional" | "kept" | "sealed" | "discarded";
  startedAt: EpochMs;
  connectedAt: EpochMs | null;
  keptAt: EpochMs | null;
  endedAt: EpochMs | null;
  eventIds: readonly string[];
  notes: readonly DecisionKind[];
  /** Capture was asked for at some time. */
  captureOrdered: boolean;
  /** The files are gone: discarded, or kept for long enough after they were handed off. */
  erased: boolean;
  policy: PolicyReason | null;
}

/** Everything that decides about one agent's recordings. */
export interface AgentHistory {
  events: readonly HistoryEvent[];
  decisions: readonly Decision[];
  legs: readonly StoredLeg[];
}

/** The lifecycle's settings. */
export interface LifecycleSettings {
  maxRingMs: DurationMs;
  maxWrapUpMs: DurationMs;
  /** Nothing was heard of a call for so long: what ended it must have been lost. */
  maxSilenceMs: DurationMs;
  maxRecordingMs: DurationMs;
  /** Capture begins only if the newest event was under way at most this long. */
  maxStartAgeMs: DurationMs;
  /** Whether somebody asks Dynamics about unanswered rings; `not-asked`: an unanswered end is itself the evidence. */
  evidence: "asked" | "not-asked";
  /** After the end of a ring that waits for evidence, its files are held and Dynamics is asked for this long. */
  unconfirmedHoldMs: DurationMs;
  policy: PolicySettings;
}

/** Events that show that the agent is in the call. */
const KEEPING_TYPES: ReadonlySet<CallEventType> = new Set([
  "connected",
  "conferencing",
  "consulting",
  "consult-done",
  "on-hold",
  "hold-done",
  "wrap-up",
] as const);

/** Whether an event of this type makes a recording one to keep. */
export function isKeeping(type: CallEventType): boolean {
  return KEEPING_TYPES.has(type);
}

/** The fold's order: by time, then by id (compared by code units, so that it is the same everywhere). */
export function compareItems(left: { at: EpochMs; id: string }, right: { at: EpochMs; id: string }): number {
  if (left.at !== right.at) return left.at - right.at;
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
