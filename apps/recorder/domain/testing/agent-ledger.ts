import type { CallEventType } from "#shared/api/call-event.ts";
import type { Decision, DecisionKind, HistoryEvent, LifecycleSettings, StoredLeg } from "../call-history.ts";
import { diffLegs, type LegStep } from "../diff.ts";
import { type AgentState, foldAgent } from "../fold.ts";
import { nextGuard } from "../guards.ts";
import { conclude, type Evidence, openQuestion } from "../open-question.ts";

/** Settings in seconds' worth of small numbers; no look-ups, as without Dynamics. */
export const SETTINGS: LifecycleSettings = {
  maxRingMs: 180_000,
  maxWrapUpMs: 900_000,
  maxSilenceMs: 14_400_000,
  maxRecordingMs: 28_800_000,
  maxStartAgeMs: 300_000,
  evidence: "not-asked",
  unconfirmedHoldMs: 900_000,
  policy: { minSessionMs: 0, samplePercent: 100 },
};

/** An event of call session `s1` at second `at`. */
export function at(
  seconds: number,
  type: CallEventType,
  options: { id?: string; session?: string | null; lateByS?: number } = {},
): HistoryEvent {
  const { session = "s1", lateByS = 0 } = options;
  const id = options.id ?? `${type}@${seconds}`;
  return { id, type, callSessionId: session, at: seconds * 1_000, lateByMs: lateByS * 1_000 };
}

/**
 * What the catalogue does with the fold, in memory: takes events as they arrive, folds, keeps what the difference
 * says, and remembers the steps that were taken.
 */
export class AgentLedger {
  events: HistoryEvent[] = [];
  decisions: Decision[] = [];
  legs: StoredLeg[] = [];
  /** Steps in the order taken, as `recordingId step`. */
  readonly steps: string[] = [];
  /** Guards that fired, as `recordingId start kind`, the leg's start in seconds. */
  readonly fired: string[] = [];
  #settings: LifecycleSettings;

  constructor(settings: Partial<LifecycleSettings> = {}) {
    this.#settings = { ...SETTINGS, ...settings };
  }

  /** A restart with other settings. */
  restart(seconds: number, settings: Partial<LifecycleSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
    for (const leg of this.legs) {
      const isWaiting = leg.phase === "provisional" && leg.endedAt !== null;
      if (isWaiting && this.#settings.evidence === "not-asked")
        this.decide(seconds, leg.recordingId, "unconfirmed");
    }
    this.#settle();
  }

  /** Time passes: guards that are due by then fire, the soonest first. */
  passTo(seconds: number): void {
    for (;;) {
      const due = this.fold().legs.flatMap((leg) => {
        const guard = nextGuard(leg, this.#settings);
        return guard !== null && guard.at <= seconds * 1_000 ? [{ leg, guard }] : [];
      });
      const next = due.sort((left, right) => left.guard.at - right.guard.at)[0];
      if (next === undefined) return;
      const { leg, guard } = next;
      const recordingId = leg.recordingId ?? "none";
      this.fired.push(`${recordingId} ${leg.startedAt / 1_000} ${guard.kind}`);
      if (this.fired.length > 1_000)
        throw new Error(`guards fire without end: ${this.fired.slice(-3).join(", ")}`);
      this.#decide(recordingId, guard.kind, Math.max(seconds * 1_000, leg.newestEventAt));
      this.#settle();
    }
  }

  /** Everything that there is to ask is asked once. Returns about how many legs that was. */
  lookUp(seconds: number, evidence: Evidence): number {
    const asked = this.fold().legs.flatMap((leg) => {
      const stored = this.legs.find((other) => other.recordingId === leg.recordingId);
      const question = openQuestion(leg, stored?.captureOrdered ?? false, this.#settings);
      return question === null || leg.recordingId === null ? [] : [{ leg, question, id: leg.recordingId }];
    });
    for (const { leg, question, id } of asked) {
      const { decision } = conclude(leg, question, evidence, seconds * 1_000);
      if (decision === null) continue;
      this.#decide(id, decision, Math.max(seconds * 1_000, leg.newestEventAt));
      this.#settle();
    }
    return asked.length;
  }

  /** Events of one request. Returns what `ignored` says of them. */
  arrive(...events: HistoryEvent[]): Record<string, string> {
    const known = new Set(this.events.map((event) => event.id));
    this.events.push(...events.filter((event) => !known.has(event.id)));
    const { ignored } = this.#settle();
    const found = events.flatMap(({ id }) => (ignored.has(id) ? [[id, ignored.get(id) ?? ""] as const] : []));
    return Object.fromEntries(found);
  }

  decide(seconds: number, recordingId: string, kind: DecisionKind): void {
    this.#decide(recordingId, kind, seconds * 1_000);
    this.#settle();
  }

  /** The discarded recording's files are gone, or a kept one's are sealed. */
  finish(recordingId: string): void {
    this.legs = this.legs.map((leg) => {
      if (leg.recordingId !== recordingId) return leg;
      return leg.phase === "discarded" ? { ...leg, erased: true } : { ...leg, phase: "sealed" };
    });
  }

  /** One line per leg: `number phase start-end event,event [notes]`, times in seconds. */
  lines(): string[] {
    return [...this.legs]
      .sort((left, right) => left.callSessionId.localeCompare(right.callSessionId) || left.leg - right.leg)
      .map((leg) => {
        const end = leg.endedAt === null ? "" : leg.endedAt / 1_000;
        const session = leg.callSessionId === "s1" ? "" : `${leg.callSessionId} `;
        const notes = leg.notes.length > 0 ? ` [${leg.notes.join(",")}]` : "";
        return `${session}${leg.leg} ${leg.phase} ${leg.startedAt / 1_000}-${end} ${leg.eventIds.join(" ")}${notes}`;
      });
  }

  fold(): AgentState {
    return foldAgent({ events: this.events, decisions: this.decisions, legs: this.legs }, this.#settings);
  }

  #decide(recordingId: string, kind: DecisionKind, atMs: number): void {
    const callSessionId = this.legs.find((leg) => leg.recordingId === recordingId)?.callSessionId ?? "s1";
    const id = `d${this.decisions.length}`;
    this.decisions.push({ id, recordingId, callSessionId, kind, at: atMs });
  }

  #settle(): AgentState {
    const state = this.fold();
    for (const { leg, stored, steps } of diffLegs(this.legs, state)) {
      const recordingId = leg.recordingId ?? `r${this.legs.length + 1}`;
      const notes = steps.includes("refuse-start") ? [...leg.notes, "start-refused" as const] : leg.notes;
      const isReopened = leg.endedAt === null && stored !== null && stored.endedAt !== null;
      const next: StoredLeg = {
        ...leg,
        recordingId,
        notes,
        phase: stored?.phase === "sealed" ? "sealed" : leg.phase,
        captureOrdered: (stored?.captureOrdered === true && !isReopened) || steps.includes("start"),
        erased: stored?.erased ?? false,
      };
      const others = this.legs.filter((other) => other.recordingId !== recordingId);
      this.legs = [...others, next];
      for (const step of steps) this.#take(recordingId, step, leg.startedAt);
    }
    return state;
  }

  #take(recordingId: string, step: LegStep, startedAt: number): void {
    this.steps.push(`${recordingId} ${step}`);
    if (step === "refuse-start") this.#decide(recordingId, "start-refused", startedAt);
  }
}
