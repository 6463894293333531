import type { EpochMs } from "#shared/time/units.ts";
import type { LifecycleSettings } from "./call-history.ts";
import type { Leg } from "./fold.ts";

export type GuardKind = "max-ring" | "max-wrap-up" | "max-recording";

/** A guard and when it fires if nothing happens before. */
export interface Guard {
  kind: GuardKind;
  at: EpochMs;
}

/** The next guard of a leg; null when it has ended. */
export function nextGuard(leg: Leg, settings: LifecycleSettings): Guard | null {
  if (leg.endedAt !== null) return null;
  let next: Guard = { kind: "max-recording", at: leg.startedAt + settings.maxRecordingMs };
  if (leg.wrapUpSince !== null) {
    next = sooner(next, { kind: "max-wrap-up", at: leg.wrapUpSince + settings.maxWrapUpMs });
  }
  if (leg.phase === "provisional" && !leg.ringExpired) {
    next = sooner(next, { kind: "max-ring", at: leg.startedAt + settings.maxRingMs });
  }
  return next;
}

function sooner(left: Guard, right: Guard): Guard {
  return right.at < left.at ? right : left;
}
