import type { EpochMs } from "#shared/time/units.ts";
import {
  compareItems,
  type Decision,
  type DecisionKind,
  type HistoryEvent,
  isKeeping,
  type LifecycleSettings,
} from "./call-history.ts";

/** A leg under construction: what the events and decisions of one call session at one agent make of it. */
export interface WalkedLeg {
  phase: "provisional" | "kept" | "discarded";
  startedAt: EpochMs;
  endedAt: EpochMs | null;
  events: HistoryEvent[];
  notes: DecisionKind[];
  /** The ring's guard has fired, and the look-up has not answered yet. */
  ringExpired: boolean;
}

export interface SessionWalk {
  legs: WalkedLeg[];
  /** Ends without a leg that they could end; a ring of their instant starts nothing. */
  unplaced: HistoryEvent[];
}

type Item = { event: HistoryEvent; decision?: never } | { decision: Decision; event?: never };

/**
 * The lifecycle's table, walked over one call session at one agent in the fold's order.
 *
 * Sources cut their times to whole seconds, so the order within one instant says nothing: whatever an ending event's
 * instant still holds is taken into account before the leg ends.
 *
 * @param events - of the session, and the agent's `agent-available` without a session; any order.
 * @param decisions - about this session's recordings; any order.
 */
export function walkSession(
  events: readonly HistoryEvent[],
  decisions: readonly Decision[],
  settings: LifecycleSettings,
): SessionWalk {
  const items: Item[] = [
    ...events.map((event) => ({ event })),
    ...decisions.map((decision) => ({ decision })),
  ];
  items.sort(compareWalked);
  const walk: SessionWalk = { legs: [], unplaced: [] };
  for (const [index, item] of items.entries()) {
    if (item.decision) applyDecision(walk, item.decision, settings);
    else applyEvent(walk, item.event, eventsStillAt(items, index, item.event.at), settings);
  }
  return walk;
}

/** The fold's order; within one instant a decision of ours comes after what happened. */
function compareWalked(left: Item, right: Item): number {
  const byKind = Number(left.decision !== undefined) - Number(right.decision !== undefined);
  const [one, other] = [left.event ?? left.decision, right.event ?? right.decision];
  return one.at - other.at || byKind || compareItems(one, other);
}

/** The events after `index` that happened at the same instant, in order, without `agent-available`. */
function eventsStillAt(items: readonly Item[], index: number, at: EpochMs): HistoryEvent[] {
  const found: HistoryEvent[] = [];
  for (const { event, decision } of items.slice(index + 1)) {
    if ((event ?? decision).at !== at) break;
    if (event && event.type !== "agent-available") found.push(event);
  }
  return found;
}

function applyEvent(
  walk: SessionWalk,
  event: HistoryEvent,
  sameInstant: readonly HistoryEvent[],
  settings: LifecycleSettings,
): void {
  const last = walk.legs.at(-1);
  if (last !== undefined && last.endedAt !== null && event.at <= last.endedAt) {
    last.events.push(event);
    return;
  }
  const open = last?.endedAt === null ? last : undefined;
  const isAnsweredNow = sameInstant.some((other) => isKeeping(other.type));
  switch (event.type) {
    case "ringing": {
      const leg = open ?? beginLeg(walk, event);
      const end = open === undefined ? findMute(leg) : undefined;
      leg.events.push(event);
      if (end !== undefined && !isAnsweredNow) endUnanswered(leg, end, settings);
      return;
    }
    case "not-responding":
      if (open === undefined) {
        walk.unplaced.push(event);
        return;
      }
      open.events.push(event);
      if (open.phase !== "kept" && !isAnsweredNow) endUnanswered(open, event, settings);
      return;
    case "agent-available":
      if (open === undefined) {
        walk.unplaced.push(event);
        return;
      }
      if (endsLeg(open, event, sameInstant)) {
        if (isAnsweredNow) open.phase = "kept";
        if (open.phase === "kept") open.endedAt = event.at;
        else endUnanswered(open, event, settings);
      }
      open.events.push(event);
      return;
    case "connected":
    case "conferencing":
    case "consulting":
    case "consult-done":
    case "on-hold":
    case "hold-done":
    case "wrap-up": {
      const leg = open ?? beginLeg(walk, event);
      // An availability of this instant that came before the leg's first event ends it like one that comes after.
      const end = leg.events.find((other) => other.type === "agent-available" && other.at === event.at);
      leg.events.push(event);
      leg.phase = "kept";
      if (end !== undefined && endsLeg(leg, end, sameInstant)) leg.endedAt = end.at;
      return;
    }
  }
}

/**
 * Availability ends a leg whose last event is older, or is a wrap-up of the same instant. A `not-responding` that a kept
 * leg ignores is none of its events: an agent in wrap-up is offered the call once more, and the customer hangs up.
 */
function endsLeg(leg: WalkedLeg, event: HistoryEvent, sameInstant: readonly HistoryEvent[]): boolean {
  const isKept = leg.phase === "kept" || sameInstant.some((other) => isKeeping(other.type));
  const counts = ({ type }: HistoryEvent): boolean =>
    type !== "agent-available" && !(isKept && type === "not-responding");
  const last = sameInstant.findLast(counts) ?? leg.events.findLast(counts);
  return last === undefined || last.at < event.at || last.type === "wrap-up";
}

function beginLeg(walk: SessionWalk, event: HistoryEvent): WalkedLeg {
  const leg: WalkedLeg = {
    phase: "provisional",
    startedAt: event.at,
    endedAt: null,
    events: walk.unplaced.filter((other) => other.at === event.at),
    notes: [],
    ringExpired: false,
  };
  walk.unplaced = walk.unplaced.filter((other) => other.at !== event.at);
  walk.legs.push(leg);
  return leg;
}

/** What keeps the ring that begins this leg from starting anything: an end of this very call at the same instant. */
function findMute(leg: WalkedLeg): HistoryEvent | undefined {
  const ends = leg.events.filter((event) => event.callSessionId !== null);
  return ends.find((event) => event.type === "not-responding") ?? ends[0];
}

/** `not-responding` is evidence enough; other ends wait for the look-up's answer where somebody asks. */
function endUnanswered(
  leg: WalkedLeg,
  end: Pick<HistoryEvent, "at" | "type">,
  settings: LifecycleSettings,
): void {
  leg.endedAt = end.at;
  if (end.type === "not-responding" || settings.evidence === "not-asked") leg.phase = "discarded";
}

function applyDecision(walk: SessionWalk, decision: Decision, settings: LifecycleSettings): void {
  const leg = walk.legs.at(-1);
  if (leg === undefined) return;
  const isOpen = leg.endedAt === null;
  switch (decision.kind) {
    case "max-ring":
      if (!isOpen || leg.phase !== "provisional") return;
      leg.endedAt = decision.at;
      leg.phase = "discarded";
      break;
    case "ring-expired":
      if (!isOpen || leg.phase !== "provisional") return;
      leg.ringExpired = true;
      break;
    case "max-wrap-up":
      if (!isOpen || leg.phase !== "kept") return;
      leg.endedAt = decision.at;
      break;
    case "max-silence":
    case "max-recording":
      if (!isOpen) return;
      leg.endedAt = decision.at;
      // These guards never delete; an unanswered ring waits on for the look-up where somebody asks.
      if (settings.evidence === "not-asked") leg.phase = "kept";
      break;
    case "start-refused":
      // Changes nothing about the leg; its recording has it as a note since the refusal.
      return;
    case "still-joined":
      if (!isOpen) return;
      leg.phase = "kept";
      break;
    case "answered":
      if (leg.phase !== "provisional") return;
      leg.phase = "kept";
      break;
    case "not-answered":
      if (leg.phase !== "provisional") return;
      leg.phase = "discarded";
      leg.endedAt ??= decision.at;
      break;
    case "unconfirmed":
      if (leg.phase !== "provisional" || isOpen) return;
      leg.phase = "kept";
      break;
  }
  leg.notes.push(decision.kind);
}
