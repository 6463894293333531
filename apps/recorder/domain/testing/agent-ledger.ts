import type { CallEventType } from "#shared/api/call-event.ts";
import type { Decision, DecisionKind, HistoryEvent, LifecycleSettings, StoredLeg } from "../call-history.ts";
import { diffLegs, type LegStep } from "../diff.ts";
import { type AgentState, foldAgent } from "../fold.ts";

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
  readonly #settings: LifecycleSettings;

  constructor(settings: Partial<LifecycleSettings> = {}) {
    this.#settings = { ...SETTINGS, ...settings };
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
