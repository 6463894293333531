import { ulid } from "ulid";
import type { RecorderConfig } from "#shared/runtime/config-schema.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { AgentLeg, DueGuard } from "../call-buffer/leg-store.ts";
import type { AgentHistory, Decision, DecisionKind, LifecycleSettings } from "../domain/call-history.ts";
import { diffLegs, type LegChange } from "../domain/diff.ts";
import { type AgentState, foldAgent, type Leg } from "../domain/fold.ts";
import { type GuardKind, nextGuard } from "../domain/guards.ts";
import { conclude, type Evidence, openQuestion } from "../domain/open-question.ts";

/** What the lifecycle has decided about a recording; to be done once it is durable. */
type Effect = "start" | "finish" | "revise";

/** Decisions that have been stored, and what is to be done now. */
export interface Settlement {
  /** By recording, in the order decided. */
  effects: Map<string, Set<Effect>>;
  ignored: ReadonlyMap<string, string>;
}

/** What the lifecycle goes by. */
export interface LifecycleConfig {
  lifecycle: RecorderConfig["lifecycle"];
  policy: RecorderConfig["policy"];
  /** Whether Dynamics is there to be asked about unanswered rings. */
  evidence: LifecycleSettings["evidence"];
}

/** The configuration's lifecycle settings in the fold's terms. */
function lifecycleSettings({ lifecycle, policy, evidence }: LifecycleConfig): LifecycleSettings {
  return {
    maxRingMs: lifecycle.maxRingS * 1_000,
    maxWrapUpMs: lifecycle.maxWrapUpS * 1_000,
    maxSilenceMs: lifecycle.maxSilenceS * 1_000,
    maxRecordingMs: lifecycle.maxRecordingS * 1_000,
    maxStartAgeMs: lifecycle.maxStartAgeS * 1_000,
    evidence,
    unconfirmedHoldMs: lifecycle.unconfirmedHoldS * 1_000,
    policy: { minSessionMs: policy.minSessionS * 1_000, samplePercent: policy.samplePercent },
  };
}

/** Runs the fold over what is stored and stores the difference; always within a transaction of its caller. */
export class Lifecycle {
  readonly settings: LifecycleSettings;
  readonly #buffer: CallBuffer;
  readonly #discardGraceMs: DurationMs;
  readonly #startedAt: EpochMs;

  /** @param startedAt - when this recorder was started. */
  constructor(buffer: CallBuffer, config: LifecycleConfig, startedAt: EpochMs) {
    this.#startedAt = startedAt;
    this.settings = lifecycleSettings(config);
    this.#discardGraceMs = config.lifecycle.discardGraceS * 1_000;
    this.#buffer = buffer;
  }

  /**
   * Folds call sessions of an agent again.
   *
   * @param receivedAt - when the cause of it came in: what a capture that begins now was ordered at.
   */
  settle(agent: string, sessions: ReadonlySet<string>, receivedAt: EpochMs): Settlement {
    const { legs, state } = this.#fold(agent, sessions);
    const effects: Settlement["effects"] = new Map();
    const byId = new Map(legs.map((leg) => [leg.recordingId, leg]));
    const changes = diffLegs(legs, state);
    // Those that exist first: a leg found late may take the number of one that moves up.
    changes.sort((left, right) => Number(left.stored === null) - Number(right.stored === null));
    for (const change of changes) {
      const stored = change.leg.recordingId === null ? undefined : byId.get(change.leg.recordingId);
      this.#store(agent, change, stored, receivedAt, effects);
    }
    this.#buffer.strays.settleSessions(agent, sessions);
    return { effects, ignored: state.ignored };
  }

  /**
   * Stores that a guard has fired, unless something has made it void.
   *
   * @returns which one it was, and what follows; null: none.
   */
  fireGuard(due: DueGuard, now: EpochMs): { kind: GuardKind; settlement: Settlement } | null {
    const { recordingId, agent, callSessionId } = due;
    const session = new Set([callSessionId]);
    const leg = this.#fold(agent, session).state.legs.find((other) => other.recordingId === recordingId);
    // Of several that are due the one that was due first may have ended the leg.
    const guard = leg === undefined ? null : nextGuard(leg, this.settings);
    if (guard === null || guard.at > now) {
      this.#buffer.legs.guard(recordingId, guard);
      return null;
    }
    // Never before what has happened already, even if the clock was set back since.
    const at = Math.max(now, leg?.newestEventAt ?? now);
    this.#decide(agent, { recordingId, callSessionId, kind: guard.kind, at });
    return { kind: guard.kind, settlement: this.settle(agent, session, now) };
  }

  /** Takes the answer of a look-up; null when nothing follows but when Dynamics is asked again. */
  conclude(recordingId: string, evidence: Evidence, now: EpochMs): Settlement | null {
    const { legs } = this.#buffer;
    const stored = legs.find(recordingId);
    if (stored === null || stored.askAt === null) return null;
    const { agent, callSessionId } = stored;
    const session = new Set([callSessionId]);
    const leg = this.#fold(agent, session).state.legs.find((other) => other.recordingId === recordingId);
    const question = leg === undefined ? null : openQuestion(leg, stored.captureOrdered, this.settings);
    if (leg === undefined || question === null) {
      legs.askAgainAt(recordingId, null);
      return null;
    }
    const { decision, askAt } = conclude(leg, question, evidence, now);
    legs.askAgainAt(recordingId, askAt);
    if (decision === null) return null;
    this.#decide(agent, { recordingId, callSessionId, kind: decision, at: Math.max(now, leg.newestEventAt) });
    return this.settle(agent, session, now);
  }

  /**
   * What a restart makes of a leg that was open or waiting: settings may have changed, and events been stored that the
   * last run did not get to act on. Its timers are set anew, and what there is to ask is asked at once.
   */
  resume({ recordingId, agent, callSessionId, phase, endedAt }: AgentLeg, now: EpochMs): Settlement {
    const { legs } = this.#buffer;
    const session = new Set([callSessionId]);
    if (this.settings.evidence === "not-asked" && phase === "provisional" && endedAt !== null) {
      // It waits for Dynamics' answer, and there is none to ask any more: too little to delete it.
      this.#decide(agent, { recordingId, callSessionId, kind: "unconfirmed", at: now });
    }
    const settlement = this.settle(agent, session, now);
    const folded = this.#fold(agent, session);
    for (const leg of folded.state.legs) {
      const stored = folded.legs.find((other) => other.recordingId === leg.recordingId);
      if (stored === undefined) continue;
      const question = openQuestion(leg, stored.captureOrdered, this.settings);
      legs.guard(stored.recordingId, nextGuard(leg, this.settings));
      legs.askAgainAt(stored.recordingId, question === null ? null : now);
    }
    return settlement;
  }

  #fold(agent: string, sessions: ReadonlySet<string>): { legs: AgentLeg[]; state: AgentState } {
    const { events, legs: stored } = this.#buffer;
    const ids = [...sessions];
    const own = ids.flatMap((session) => events.eventsOfSession(agent, session));
    const oldest = own.reduce((at, event) => Math.min(at, event.at), Number.POSITIVE_INFINITY);
    const legs = ids.flatMap((session) => stored.ofSession(agent, session));
    const history: AgentHistory = {
      events: own.length > 0 ? [...own, ...events.availabilitySince(agent, oldest)] : own,
      decisions: ids.flatMap((session) => events.decisionsOfSession(agent, session)),
      legs,
    };
    return { legs, state: foldAgent(history, this.settings) };
  }

  #decide(agent: string, decision: Omit<Decision, "id">): void {
    this.#buffer.events.addDecision(agent, decision);
  }

  #store(
    agent: string,
    { leg, stored, steps }: LegChange,
    before: AgentLeg | undefined,
    receivedAt: EpochMs,
    effects: Settlement["effects"],
  ): void {
    const recordingId = leg.recordingId ?? ulid();
    const { callSessionId } = leg;
    const isStarted = steps.includes("start");
    const isRefused = steps.includes("refuse-start");
    const notes: DecisionKind[] = isRefused ? [...leg.notes, "start-refused"] : [...leg.notes];
    const isRevised = steps.includes("revise");
    const isGone = leg.phase === "discarded";
    const isReopened = leg.endedAt === null && before !== undefined && before.endedAt !== null;
    // The capture of a leg that is open again has ended with it; until it begins again there is none.
    const orderedBefore = isReopened ? null : (before?.captureOrderedAt ?? null);
    const captureOrderedAt = isStarted ? receivedAt : orderedBefore;
    this.#buffer.legs.save({
      recordingId,
      before: before ?? null,
      agent,
      leg,
      phase: stored?.phase === "sealed" ? "sealed" : leg.phase,
      notes,
      captureOrderedAt,
      guard: nextGuard(leg, this.settings),
      eraseAt: isGone ? (before?.eraseAt ?? receivedAt + this.#discardGraceMs) : null,
      askAt: this.#nextAsk(leg, captureOrderedAt !== null, before, receivedAt),
      revisionStep: isRevised ? 1 : 0,
    });
    if (isStarted && before !== undefined) this.#noteLateStart(leg, before, receivedAt);
    if (isReopened && !isStarted && before.captureOrdered && before.endedAt !== null) {
      this.#buffer.capture.openOutage(recordingId, null, before.endedAt, "events-late");
    }
    if (isRefused) {
      this.#decide(agent, { recordingId, callSessionId, kind: "start-refused", at: receivedAt });
      if (leg.startedAt < this.#startedAt)
        this.#buffer.capture.noteDetail(recordingId, "recorder-started-later");
    }
    const wanted = new Set<Effect>();
    const isCaptured = leg.endedAt === null && orderedBefore !== null;
    // A capture that runs already is told too: it may have new attributes.
    if (isStarted || isCaptured) wanted.add("start");
    if (steps.some((step) => step === "seal" || step === "discard" || step === "stop")) wanted.add("finish");
    if (isRevised) wanted.add("revise");
    if (wanted.size > 0) effects.set(recordingId, wanted);
  }

  /** Notes why there is no picture from before a capture that begins when its leg has been there for a while. */
  #noteLateStart(leg: Leg, before: AgentLeg, startedAt: EpochMs): void {
    const { capture } = this.#buffer;
    if (before.captureOrdered && before.endedAt !== null) {
      // Capture had ended with the leg; a late event has brought it back.
      capture.noteAbsence(before.recordingId, before.endedAt, startedAt, "events-late");
    } else if (leg.notes.includes("start-refused")) {
      capture.noteRestart(before.recordingId, leg.startedAt, startedAt, "events-late");
    }
  }

  /** When Dynamics is asked about a leg next: at once where the question is new. */
  #nextAsk(leg: Leg, isCaptured: boolean, before: AgentLeg | undefined, now: EpochMs): EpochMs | null {
    if (openQuestion(leg, isCaptured, this.settings) === null) return null;
    const hasJustEnded = leg.endedAt !== null && before?.endedAt === null;
    return hasJustEnded ? now : (before?.askAt ?? now);
  }
}

/** Adds what a further settlement decided. */
export function mergeSettlements(parts: readonly Settlement[]): Settlement {
  const effects: Settlement["effects"] = new Map();
  const ignored = new Map<string, string>();
  for (const part of parts) {
    for (const [id, own] of part.effects) effects.set(id, new Set([...(effects.get(id) ?? []), ...own]));
    for (const [id, reason] of part.ignored) ignored.set(id, reason);
  }
  return { effects, ignored };
}
