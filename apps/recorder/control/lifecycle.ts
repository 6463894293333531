import { ulid } from "ulid";
import type { RecorderConfig } from "#shared/runtime/config-schema.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { AgentLeg } from "../call-buffer/leg-store.ts";
import type { AgentHistory, DecisionKind, LifecycleSettings } from "../domain/call-history.ts";
import { diffLegs, type LegChange } from "../domain/diff.ts";
import { foldAgent } from "../domain/fold.ts";
import { nextGuard } from "../domain/guards.ts";

/** What the lifecycle has decided about a recording; to be done once it is durable. */
type Effect = "start" | "finish" | "revise";

/** Decisions that have been stored, and what is to be done now. */
export interface Settlement {
  /** By recording, in the order decided. */
  effects: Map<string, Set<Effect>>;
  ignored: ReadonlyMap<string, string>;
}

/** The configuration's lifecycle settings in the fold's terms. */
function lifecycleSettings(config: RecorderConfig["lifecycle"]): LifecycleSettings {
  return {
    maxRingMs: config.maxRingS * 1_000,
    maxWrapUpMs: config.maxWrapUpS * 1_000,
    maxRecordingMs: config.maxRecordingS * 1_000,
    maxStartAgeMs: config.maxStartAgeS * 1_000,
    // Nobody asks Dynamics yet, so an unanswered end is itself the evidence, with and without Dynamics.
    evidence: "not-asked",
  };
}

/** Runs the fold over what is stored and stores the difference; always within a transaction of its caller. */
export class Lifecycle {
  readonly settings: LifecycleSettings;
  readonly #buffer: CallBuffer;
  readonly #discardGraceMs: DurationMs;

  constructor(buffer: CallBuffer, config: RecorderConfig["lifecycle"]) {
    this.settings = lifecycleSettings(config);
    this.#discardGraceMs = config.discardGraceS * 1_000;
    this.#buffer = buffer;
  }

  /**
   * Folds call sessions of an agent again.
   *
   * @param receivedAt - when the cause of it came in: what a capture that begins now was ordered at.
   */
  settle(agent: string, sessions: ReadonlySet<string>, receivedAt: EpochMs): Settlement {
    const { legs, ...history } = this.#load(agent, sessions);
    const state = foldAgent({ ...history, legs }, this.settings);
    const effects: Settlement["effects"] = new Map();
    const byId = new Map(legs.map((leg) => [leg.recordingId, leg]));
    const changes = diffLegs(legs, state);
    // Those that exist first: a leg found late may take the number of one that moves up.
    changes.sort((left, right) => Number(left.stored === null) - Number(right.stored === null));
    for (const change of changes) {
      const stored = change.leg.recordingId === null ? undefined : byId.get(change.leg.recordingId);
      this.#store(agent, change, stored, receivedAt, effects);
    }
    return { effects, ignored: state.ignored };
  }

  #load(agent: string, sessions: ReadonlySet<string>): Omit<AgentHistory, "legs"> & { legs: AgentLeg[] } {
    const { events, legs } = this.#buffer;
    const ids = [...sessions];
    const own = ids.flatMap((session) => events.eventsOfSession(agent, session));
    const oldest = own.reduce((at, event) => Math.min(at, event.at), Number.POSITIVE_INFINITY);
    return {
      events: own.length > 0 ? [...own, ...events.availabilitySince(agent, oldest)] : own,
      decisions: ids.flatMap((session) => events.decisionsOfSession(agent, session)),
      legs: ids.flatMap((session) => legs.ofSession(agent, session)),
    };
  }

  #store(
    agent: string,
    { leg, stored, steps }: LegChange,
    before: AgentLeg | undefined,
    receivedAt: EpochMs,
    effects: Settlement["effects"],
  ): void {
    const recordingId = leg.recordingId ?? ulid();
    const isRefused = steps.includes("refuse-start");
    const notes: DecisionKind[] = isRefused ? [...leg.notes, "start-refused"] : [...leg.notes];
    const isRevised = steps.includes("revise");
    const isGone = leg.phase === "discarded";
    this.#buffer.legs.save({
      recordingId,
      agent,
      leg,
      phase: stored?.phase === "sealed" ? "sealed" : leg.phase,
      notes,
      captureOrderedAt: steps.includes("start") ? receivedAt : (before?.captureOrderedAt ?? null),
      guard: nextGuard(leg, this.settings),
      eraseAt: isGone ? (before?.eraseAt ?? receivedAt + this.#discardGraceMs) : null,
      revisionStep: isRevised ? 1 : 0,
    });
    if (steps.includes("start") && before?.captureOrdered && before.endedAt !== null) {
      // Capture had ended with the leg; a late event has brought it back.
      this.#buffer.capture.noteAbsence(recordingId, before.endedAt, receivedAt, "events-late");
    }
    if (isRefused) {
      const { callSessionId } = leg;
      this.#buffer.events.addDecision(agent, {
        recordingId,
        callSessionId,
        kind: "start-refused",
        at: receivedAt,
      });
    }
    const wanted = new Set<Effect>();
    const isCaptured = leg.endedAt === null && (before?.captureOrdered ?? false);
    // A capture that runs already is told too: it may have new attributes.
    if (steps.includes("start") || isCaptured) wanted.add("start");
    if (steps.some((step) => step === "seal" || step === "discard" || step === "stop")) wanted.add("finish");
    if (isRevised) wanted.add("revise");
    if (wanted.size > 0) effects.set(recordingId, wanted);
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
