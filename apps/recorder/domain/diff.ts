import type { StoredLeg } from "./call-history.ts";
import type { AgentState, Leg } from "./fold.ts";

/**
 * What has to be done about a leg, beside storing it:
 * - `start`: capture begins, or begins again.
 * - `refuse-start`: the leg exists without capture, because its events came too late.
 * - `stop`: capture ends; whether the files are kept is not known yet.
 * - `seal`: capture ends, the recording is handed off.
 * - `discard`: capture ends, the files are erased after the grace time.
 * - `revise`: a sealed recording has changed.
 */
export type LegStep = "start" | "refuse-start" | "stop" | "seal" | "discard" | "revise";

/** A leg whose facts differ from the stored ones; `leg.recordingId` null = to be made. */
export interface LegChange {
  leg: Leg;
  stored: StoredLeg | null;
  steps: readonly LegStep[];
}

/** What the new fold changes about what is stored; nothing when it is the same. */
export function diffLegs(stored: readonly StoredLeg[], state: AgentState): LegChange[] {
  const byId = new Map(stored.map((leg) => [leg.recordingId, leg]));
  return state.legs.flatMap((leg): LegChange[] => {
    const before = leg.recordingId === null ? null : (byId.get(leg.recordingId) ?? null);
    const steps = stepsOf(before, leg);
    if (before !== null && steps.length === 0 && isSame(before, leg)) return [];
    return [{ leg, stored: before, steps }];
  });
}

function stepsOf(before: StoredLeg | null, leg: Leg): LegStep[] {
  if (before?.phase === "sealed") return isSame(before, leg) ? [] : ["revise"];
  const wasEnded = before !== null && before.endedAt !== null;
  const steps: LegStep[] = [];
  if (leg.endedAt === null) {
    const isCaptured = before !== null && before.captureOrdered && !wasEnded;
    if (leg.policy === "not-sampled") return steps;
    if (!isCaptured && leg.mayStart) steps.push("start");
    if (!isCaptured && !leg.mayStart && !leg.notes.includes("start-refused")) steps.push("refuse-start");
    return steps;
  }
  if (leg.phase === "kept") {
    // A leg that ends in the moment it is found was never captured, for no other reason than late events.
    if (before === null && leg.policy !== "not-sampled") steps.push("refuse-start");
    if (before?.phase !== "kept" || !wasEnded) steps.push("seal");
  } else if (leg.phase === "discarded") {
    if (before?.phase !== "discarded") steps.push("discard");
  } else if (!wasEnded) {
    steps.push("stop");
  }
  return steps;
}

function isSame(before: StoredLeg, leg: Leg): boolean {
  const phase = before.phase === "sealed" ? "kept" : before.phase;
  return (
    phase === leg.phase &&
    before.leg === leg.leg &&
    before.startedAt === leg.startedAt &&
    before.connectedAt === leg.connectedAt &&
    before.keptAt === leg.keptAt &&
    before.endedAt === leg.endedAt &&
    before.policy === leg.policy &&
    isSameList(before.eventIds, leg.eventIds) &&
    isSameList(before.notes, leg.notes)
  );
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
