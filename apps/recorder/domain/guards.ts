import type { EpochMs } from "#shared/time/units.ts";
import type { DecisionKind, LifecycleSettings } from "./call-history.ts";
import type { Leg } from "./fold.ts";

/** Guards, by the decision that is stored when they fire. */
export type GuardKind = Extract<
  DecisionKind,
  "max-ring" | "ring-expired" | "max-wrap-up" | "max-silence" | "max-recording"
>;

/** A guard and when it fires if nothing happens before. */
export interface Guard {
  kind: GuardKind;
  at: EpochMs;
}

/** The next guard of a leg; null when it has ended. */
export function nextGuard(leg: Leg, settings: LifecycleSettings): Guard | null {
  if (leg.endedAt !== null) return null;
  let next: Guard = { kind: "max-recording", at: leg.startedAt + settings.maxRecordingMs };
  next = sooner(next, { kind: "max-silence", at: leg.lastHeardAt + settings.maxSilenceMs });
  if (leg.wrapUpSince !== null) {
    next = sooner(next, { kind: "max-wrap-up", at: leg.wrapUpSince + settings.maxWrapUpMs });
  }
  if (leg.phase === "provisional" && !leg.ringExpired) {
    const kind = settings.evidence === "asked" ? "ring-expired" : "max-ring";
    next = sooner(next, { kind, at: leg.startedAt + settings.maxRingMs });
  }
  return next;
}

/** Guards that end a leg when they fire. */
const ENDING_GUARDS = ["max-ring", "max-wrap-up", "max-silence", "max-recording"] as const;

/** The guard that a leg was ended by, told by what was decided about it; null: an event ended it, or nothing has yet. */
export function guardThatEnded(notes: readonly DecisionKind[]): GuardKind | null {
  return ENDING_GUARDS.find((kind) => notes.includes(kind)) ?? null;
}

function sooner(left: Guard, right: Guard): Guard {
  return right.at < left.at ? right : left;
}
