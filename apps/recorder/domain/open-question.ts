import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { DecisionKind, LifecycleSettings } from "./call-history.ts";
import type { Leg } from "./fold.ts";

/**
 * What Dynamics' participant rows say of an agent in a call session:
 * - `joined`: the agent has joined and not left;
 * - `answered`: joined, and left since, or the call is over;
 * - `not-answered`: offered, never joined, and the offer is over;
 * - `unknown`: nothing of that: no row, an offer that goes on, or no answer.
 */
export type Evidence = "joined" | "answered" | "not-answered" | "unknown";

/** What Dynamics is asked about a leg. */
export interface OpenQuestion {
  /**
   * - `was-answered`: a ring has ended or expired unanswered, and its files wait;
   * - `is-joined`: capture has not begun, since every event came too late.
   */
  about: "was-answered" | "is-joined";
  /** When it arose. */
  since: EpochMs;
  /** Without an answer until then nobody is asked any more; null: asked until the leg ends. */
  until: EpochMs | null;
}

const PAUSE_FIRST_MS: DurationMs = 1_000;
const PAUSE_MAX_MS: DurationMs = 30_000;

/**
 * What there is to ask about a leg; null: nothing, or nobody can be asked.
 *
 * @param isCaptured - capture was ordered for the open leg.
 */
export function openQuestion(
  leg: Leg,
  isCaptured: boolean,
  settings: LifecycleSettings,
): OpenQuestion | null {
  if (settings.evidence === "not-asked") return null;
  const holdMs = settings.unconfirmedHoldMs;
  if (leg.endedAt !== null) {
    if (leg.phase !== "provisional") return null;
    return { about: "was-answered", since: leg.endedAt, until: leg.endedAt + holdMs };
  }
  const isExpiredRing = leg.phase === "provisional" && leg.ringExpired;
  if (!isCaptured && !leg.mayStart && leg.policy !== "not-sampled") {
    const until = isExpiredRing ? null : leg.lastHeardAt + holdMs;
    return { about: "is-joined", since: leg.lastHeardAt, until };
  }
  if (!isExpiredRing) return null;
  return { about: "was-answered", since: leg.startedAt + settings.maxRingMs, until: null };
}

/** What becomes of a question: a decision, or another look-up at a time; both null: it is not asked any more. */
export interface Conclusion {
  decision: Extract<DecisionKind, "still-joined" | "answered" | "not-answered" | "unconfirmed"> | null;
  askAt: EpochMs | null;
}

/**
 * What a look-up's answer means for a leg.
 *
 * The pause before the next one is as long as the question is old, within 1 s and 30 s: so pauses double, also across
 * restarts, without a count of them.
 */
export function conclude(leg: Leg, question: OpenQuestion, evidence: Evidence, now: EpochMs): Conclusion {
  const isWaiting = leg.phase === "provisional";
  switch (evidence) {
    case "joined":
      if (question.about === "is-joined") return { decision: "still-joined", askAt: null };
      return { decision: "answered", askAt: null };
    case "answered":
      return { decision: isWaiting ? "answered" : null, askAt: null };
    case "not-answered":
      return { decision: isWaiting ? "not-answered" : null, askAt: null };
    case "unknown": {
      const { since, until } = question;
      const askAt = now + Math.min(Math.max(now - since, PAUSE_FIRST_MS), PAUSE_MAX_MS);
      if (until === null) return { decision: null, askAt };
      if (now < until) return { decision: null, askAt: Math.min(askAt, until) };
      if (leg.endedAt !== null) return { decision: "unconfirmed", askAt: null };
      return { decision: null, askAt: null };
    }
  }
}
