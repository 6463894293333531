import type { EpochMs } from "#shared/time/units.ts";
import {
  type AgentHistory,
  compareItems,
  DECISION_KINDS,
  type Decision,
  type DecisionKind,
  type HistoryEvent,
  isKeeping,
  type LifecycleSettings,
  type StoredLeg,
} from "./call-history.ts";
import { isSampled, isTooShort, type PolicyReason } from "./policy.ts";
import { type WalkedLeg, walkSession } from "./session-walk.ts";

/** One continuous presence of an agent in a call session, as the fold has it. */
export interface Leg {
  /** The recording that it is; null: none yet. */
  recordingId: string | null;
  callSessionId: string;
  leg: number;
  phase: "provisional" | "kept" | "discarded";
  startedAt: EpochMs;
  connectedAt: EpochMs | null;
  /** The first event that showed the agent in the call. */
  keptAt: EpochMs | null;
  /** An ended leg that is still provisional waits for the evidence look-up. */
  endedAt: EpochMs | null;
  /** The timeline, in the fold's order. */
  eventIds: readonly string[];
  notes: readonly DecisionKind[];
  /** Capture may begin: the leg is open, and its newest event is fresh or Dynamics says that the agent is in the call. */
  mayStart: boolean;
  newestEventAt: EpochMs;
  /** When the newest event came in. */
  lastHeardAt: EpochMs;
  /** Since when the agent has been in wrap-up; null when not, or when the leg is closed. */
  wrapUpSince: EpochMs | null;
  /** The guard on the ring has fired and a look-up is under way. */
  ringExpired: boolean;
  /** Why the site's own rules leave it without pictures; null: they do not. */
  policy: PolicyReason | null;
}

export interface AgentState {
  /** By call session and leg number. */
  legs: readonly Leg[];
  /** Events without effect, by id, with the reason. */
  ignored: ReadonlyMap<string, string>;
}

/** Why a `not-responding` has no effect on a call that was answered. */
export const KEPT_IS_NOT_DELETED = "a kept recording is never deleted by an event";
const UNPLACED_REASON = "no recording is open that this could end; remembered against an older ring";

/**
 * The state of an agent as a pure function of all its events and our decisions, run again whenever one is added.
 * Closed legs are facts: what falls inside joins their timeline, what is newer opens the next leg.
 */
export function foldAgent(history: AgentHistory, settings: LifecycleSettings): AgentState {
  const sessions = new Set<string>();
  for (const { callSessionId } of history.legs) sessions.add(callSessionId);
  for (const { callSessionId } of history.events) if (callSessionId !== null) sessions.add(callSessionId);
  const legs: Leg[] = [];
  const ignored = new Map<string, string>();
  for (const callSessionId of [...sessions].sort()) {
    const session = foldSession(callSessionId, history, settings);
    legs.push(...session.legs);
    for (const [id, reason] of session.ignored) ignored.set(id, reason);
  }
  const onTimeline = new Set(legs.flatMap((leg) => leg.eventIds));
  for (const event of history.events) {
    // An availability without session speaks of every call: it is without effect only if it had none on any.
    if (event.callSessionId !== null) continue;
    if (onTimeline.has(event.id)) ignored.delete(event.id);
    else ignored.set(event.id, UNPLACED_REASON);
  }
  return { legs, ignored };
}

interface ClosedLeg {
  fact: StoredLeg & { endedAt: EpochMs };
  events: HistoryEvent[];
}

function foldSession(callSessionId: string, history: AgentHistory, settings: LifecycleSettings): AgentState {
  const stored = history.legs.filter((leg) => leg.callSessionId === callSessionId);
  const closed: ClosedLeg[] = stored
    .filter((leg): leg is StoredLeg & { endedAt: EpochMs } => leg.endedAt !== null)
    .sort((left, right) => left.leg - right.leg)
    .map((fact) => ({ fact, events: [] }));
  const ignored = new Map<string, string>();
  const fresh = sortIntoClosed(callSessionId, history.events, closed, ignored);
  const decisions = history.decisions.filter((decision) => decision.callSessionId === callSessionId);
  const open = stored.find((leg) => leg.endedAt === null);
  const closedIds = new Set(closed.map(({ fact }) => fact.recordingId));
  const freshDecisions = decisions
    .filter((decision) => !closedIds.has(decision.recordingId))
    .map((decision) => sinceStart(decision, open));
  const walk = walkSession(fresh, freshDecisions, settings);
  for (const event of walk.unplaced) ignored.set(event.id, UNPLACED_REASON);

  const newest = closed.at(-1);
  if (newest !== undefined && walk.legs.length === 0 && isRevivable(newest)) {
    const own = decisions.filter((decision) => decision.recordingId === newest.fact.recordingId);
    const again = walkSession([...newest.events, ...fresh], own, settings);
    if (again.legs.length === 1 && again.legs[0]?.endedAt === null) {
      // Nothing has ended the call after all: the leg is open again, and is folded like any open one. Where its events
      // alone would make several legs, something did end it.
      const reopened: StoredLeg = { ...newest.fact, phase: "kept", endedAt: null };
      const legs = stored.map((leg) => (leg === newest.fact ? reopened : leg));
      return foldSession(callSessionId, { ...history, legs }, settings);
    }
  }
  const legs = closed.map((leg) => settleClosedLeg(leg, decisions, settings));
  const heir = open === undefined ? undefined : findHeir(open, walk.legs);
  // Whatever has come to light since: what was kept is not deleted.
  if (heir !== undefined && open?.phase === "kept") heir.phase = "kept";
  const firstNumber = (closed.at(-1)?.fact.leg ?? 0) + 1;
  for (const [index, walked] of walk.legs.entries()) {
    const recordingId = walked === heir ? (open?.recordingId ?? null) : null;
    // Notes only grow: what was decided about a recording stays said.
    if (walked === heir) walked.notes.push(...(open?.notes ?? []));
    const key = { recordingId, callSessionId, leg: firstNumber + index };
    legs.push(describeLeg(walked, key, recordingId === null ? null : (open ?? null), settings));
  }
  for (const id of legs.flatMap((leg) => leg.eventIds)) ignored.delete(id);
  const kept = new Set(legs.filter((leg) => leg.phase === "kept").flatMap((leg) => leg.eventIds));
  for (const event of history.events) {
    if (event.type === "not-responding" && kept.has(event.id)) ignored.set(event.id, KEPT_IS_NOT_DELETED);
  }
  return { legs, ignored };
}

/**
 * That the agent is in the call was true of the open leg before Dynamics was asked: an end that is older than the answer
 * comes as late as one that is older than a `connected`.
 */
function sinceStart(decision: Decision, open: StoredLeg | undefined): Decision {
  const isOfOpen = open !== undefined && decision.recordingId === open.recordingId;
  const isAnswer = decision.kind === "answered" || decision.kind === "still-joined";
  return isOfOpen && isAnswer ? { ...decision, at: Math.min(decision.at, open.startedAt) } : decision;
}

/** Gives closed legs the events inside them; returns what is newer than the last of them. */
function sortIntoClosed(
  callSessionId: string,
  events: readonly HistoryEvent[],
  closed: readonly ClosedLeg[],
  ignored: Map<string, string>,
): HistoryEvent[] {
  const lastEnd = closed.at(-1)?.fact.endedAt ?? Number.NEGATIVE_INFINITY;
  const fresh: HistoryEvent[] = [];
  for (const event of events) {
    if (event.callSessionId !== null && event.callSessionId !== callSessionId) continue;
    const home = closed.find(({ fact }) => fact.startedAt <= event.at && event.at <= fact.endedAt);
    if (home !== undefined) home.events.push(event);
    else if (event.at > lastEnd) fresh.push(event);
    else if (event.callSessionId !== null)
      ignored.set(event.id, "older than a closed recording of this call, and not within one");
  }
  return fresh;
}

/**
 * Which walked leg goes on as the open recording: one that shares events with it; for a kept one never a discarded
 * leg, so that a late event cannot delete it.
 */
function findHeir(open: StoredLeg, walked: readonly WalkedLeg[]): WalkedLeg | undefined {
  const own = new Set(open.eventIds);
  const related = walked.filter((leg) => leg.events.some((event) => own.has(event.id)));
  if (open.phase === "kept") return related.find((leg) => leg.phase === "kept") ?? related.at(-1);
  return related.at(-1);
}

/** Whether an event has shown up by now that makes a leg not kept one to keep, while its files exist. */
function isRevivable({ fact, events }: ClosedLeg): boolean {
  const isUndecided = fact.phase === "provisional" || (fact.phase === "discarded" && !fact.erased);
  return isUndecided && events.some((event) => isKeeping(event.type));
}

/** A leg that stays closed, with what is known of it by now. */
function settleClosedLeg(leg: ClosedLeg, decisions: readonly Decision[], settings: LifecycleSettings): Leg {
  const { fact, events } = leg;
  const walked: WalkedLeg = {
    phase: fact.phase === "sealed" ? "kept" : fact.phase,
    startedAt: fact.startedAt,
    endedAt: fact.endedAt,
    events,
    notes: [...fact.notes],
    ringExpired: false,
  };
  if (isRevivable(leg)) {
    walked.phase = "kept";
  } else if (fact.phase === "provisional") {
    for (const { recordingId, kind } of decisions) {
      const phase = EVIDENCE_PHASE[kind];
      if (recordingId !== fact.recordingId || phase === undefined || walked.phase !== "provisional") continue;
      walked.phase = phase;
      walked.notes.push(kind);
    }
  }
  return describeLeg(walked, fact, fact, settings);
}

/** What an answer to the look-up makes of an ended leg that waits for it. */
const EVIDENCE_PHASE: Partial<Record<DecisionKind, "kept" | "discarded">> = {
  answered: "kept",
  "not-answered": "discarded",
  unconfirmed: "kept",
};

function describeLeg(
  walked: WalkedLeg,
  key: Pick<Leg, "recordingId" | "callSessionId" | "leg">,
  stored: StoredLeg | null,
  settings: LifecycleSettings,
): Leg {
  const events = [...walked.events].sort(compareItems);
  const isOpen = walked.endedAt === null;
  const newest = events.at(-1);
  const isFresh = newest !== undefined && newest.lateByMs <= settings.maxStartAgeMs;
  const leg: Omit<Leg, "policy"> = {
    recordingId: key.recordingId,
    callSessionId: key.callSessionId,
    leg: key.leg,
    phase: walked.phase,
    startedAt: walked.startedAt,
    connectedAt: events.find((event) => event.type === "connected")?.at ?? null,
    keptAt: events.find((event) => isKeeping(event.type))?.at ?? null,
    endedAt: walked.endedAt,
    eventIds: events.map((event) => event.id),
    notes: DECISION_KINDS.filter((kind) => walked.notes.includes(kind)),
    mayStart: isOpen && (isFresh || walked.notes.includes("still-joined")),
    newestEventAt: newest?.at ?? walked.startedAt,
    lastHeardAt: newest === undefined ? walked.startedAt : newest.at + Math.max(newest.lateByMs, 0),
    wrapUpSince: isOpen ? wrapUpStart(events) : null,
    ringExpired: walked.ringExpired,
  };
  return { ...leg, policy: judgePolicy(leg, stored, settings) };
}

/**
 * What the site's rules make of a leg. What was decided when it began stays, whatever the settings are by now; pictures
 * that may have been handed off are never taken back, and those that are gone do not return.
 */
function judgePolicy(
  leg: Omit<Leg, "policy">,
  stored: StoredLeg | null,
  { policy }: LifecycleSettings,
): PolicyReason | null {
  if (stored === null) {
    if (!isSampled(leg.callSessionId, policy.samplePercent)) return "not-sampled";
  } else if (stored.policy === "not-sampled" || stored.erased) {
    return stored.policy;
  }
  if (stored?.phase === "sealed" && stored.policy === null) return null;
  return isTooShort(leg, policy.minSessionMs) ? "too-short" : null;
}

/** The first of the wrap-ups that the timeline ends with. Being offered the call once more in between ends no wrap-up. */
function wrapUpStart(timeline: readonly HistoryEvent[]): EpochMs | null {
  const events = timeline.filter(({ type }) => type !== "ringing" && type !== "not-responding");
  const stretch = events.slice(events.findLastIndex((event) => event.type !== "wrap-up") + 1);
  return stretch[0]?.at ?? null;
}
