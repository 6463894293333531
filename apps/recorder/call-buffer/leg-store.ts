import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { DecisionKind, StoredLeg } from "../domain/call-history.ts";
import type { Leg } from "../domain/fold.ts";
import type { Guard, GuardKind } from "../domain/guards.ts";
import type { PolicyReason } from "../domain/policy.ts";
import type { Catalogue } from "./database.ts";

interface LegRow {
  id: string;
  agent: string;
  call_session_id: string;
  leg: number;
  phase: StoredLeg["phase"];
  started_at: EpochMs;
  connected_at: EpochMs | null;
  kept_at: EpochMs | null;
  ended_at: EpochMs | null;
  notes: string;
  capture_ordered_at: EpochMs | null;
  erase_at: EpochMs | null;
  erased_at: EpochMs | null;
  ask_at: EpochMs | null;
  policy: PolicyReason | null;
}

/** A leg with whose it is and when its capture was ordered. */
export interface AgentLeg extends StoredLeg {
  agent: string;
  /** Receipt of the request that capture began for; null: never. */
  captureOrderedAt: EpochMs | null;
  /** When its files go, if it is discarded. */
  eraseAt: EpochMs | null;
  /** When Dynamics is asked about it next; null: not. */
  askAt: EpochMs | null;
}

/** A leg without its timeline. */
export type LegHead = Omit<AgentLeg, "eventIds">;

/** What the lifecycle writes of a leg. */
export interface LegUpdate {
  recordingId: string;
  /** As the catalogue has it; null: not at all. */
  before: AgentLeg | null;
  agent: string;
  leg: Leg;
  phase: StoredLeg["phase"];
  notes: readonly DecisionKind[];
  captureOrderedAt: EpochMs | null;
  guard: Guard | null;
  /** When a discarded recording's files go; null: not. */
  eraseAt: EpochMs | null;
  askAt: EpochMs | null;
  /** 1 when a sealed recording has changed, else 0. */
  revisionStep: 0 | 1;
}

/** A guard that has come due. */
export interface DueGuard {
  recordingId: string;
  agent: string;
  callSessionId: string;
}

const LEG_COLUMNS = `id, agent, call_session_id, leg, phase, started_at, connected_at, kept_at, ended_at, notes,
  capture_ordered_at, erase_at, erased_at, ask_at, policy`;

/** Recordings as the lifecycle sees them. */
export class LegStore {
  readonly #ofSession;
  readonly #touchedSessions;
  readonly #open;
  readonly #waiting;
  readonly #unfinished;
  readonly #cut;
  readonly #noteClosed;
  readonly #byId;
  readonly #eventIds;
  readonly #insert;
  readonly #updateAll;
  readonly #updateUnindexed;
  readonly #removeEvent;
  readonly #addEvent;
  readonly #seal;
  readonly #dueGuards;
  readonly #nextGuardAt;
  readonly #setGuard;
  readonly #setAsk;
  readonly #soonestAsks;
  readonly #noteFirstFrame;

  constructor(catalogue: Catalogue) {
    this.#ofSession = catalogue.prepare<[string, string], LegRow>(
      `SELECT ${LEG_COLUMNS} FROM recordings WHERE call_session_id = ? AND agent = ?`,
    );
    this.#touchedSessions = catalogue.prepare<{ agent: string; at: EpochMs }, { call_session_id: string }>(
      `SELECT call_session_id FROM recordings WHERE agent = @agent AND ended_at IS NULL
       UNION SELECT call_session_id FROM recordings WHERE agent = @agent AND ended_at >= @at AND started_at <= @at`,
    );
    this.#open = catalogue.prepare<[], LegRow>(
      `SELECT ${LEG_COLUMNS} FROM recordings WHERE ended_at IS NULL ORDER BY id`,
    );
    this.#waiting = catalogue.prepare<[], LegRow>(
      `SELECT ${LEG_COLUMNS} FROM recordings WHERE phase = 'provisional' AND ended_at IS NOT NULL ORDER BY id`,
    );
    this.#unfinished = catalogue.prepare<[], { id: string }>(
      `SELECT id FROM recordings INDEXED BY recordings_unfinished
       WHERE phase IN ('provisional', 'kept') AND ended_at IS NOT NULL
       UNION SELECT id FROM recordings INDEXED BY recordings_to_erase WHERE erase_at IS NOT NULL AND erased_at IS NULL`,
    );
    this.#cut = catalogue.prepare<[], LegRow>(
      `SELECT ${LEG_COLUMNS} FROM recordings INDEXED BY recordings_unfinished
       WHERE phase IN ('provisional', 'kept') AND ended_at IS NOT NULL AND closed_at IS NULL
       UNION SELECT ${LEG_COLUMNS} FROM recordings INDEXED BY recordings_to_erase
       WHERE erase_at IS NOT NULL AND erased_at IS NULL AND closed_at IS NULL`,
    );
    this.#noteClosed = catalogue.prepare(
      "UPDATE recordings SET closed_at = ? WHERE id = ? AND ended_at IS NOT NULL",
    );
    this.#byId = catalogue.prepare<[string], LegRow>(`SELECT ${LEG_COLUMNS} FROM recordings WHERE id = ?`);
    this.#eventIds = catalogue.prepare<[string], { id: string }>(
      `SELECT events.id FROM recording_events JOIN events ON events.id = event_id
       WHERE recording_id = ? ORDER BY at, events.id`,
    );
    this.#insert = catalogue.prepare(
      `INSERT INTO recordings (id, agent, call_session_id, leg, phase, started_at, connected_at, kept_at, ended_at, notes,
         capture_ordered_at, guard_kind, guard_at, erase_at, ask_at, policy)
       VALUES (@id, @agent, @callSessionId, @leg, @phase, @startedAt, @connectedAt, @keptAt, @endedAt, @notes,
         @captureOrderedAt, @guardKind, @guardAt, @eraseAt, @askAt, @policy)`,
    );
    const changeable = `connected_at = @connectedAt, kept_at = @keptAt, notes = @notes,
      capture_ordered_at = @captureOrderedAt, guard_kind = @guardKind, guard_at = @guardAt, ask_at = @askAt,
      policy = @policy, revision = revision + @revisionStep`;
    this.#updateAll = catalogue.prepare(
      `UPDATE recordings SET leg = @leg, phase = @phase, started_at = @startedAt, ended_at = @endedAt, erase_at = @eraseAt,
         closed_at = CASE WHEN @endedAt IS NULL THEN NULL ELSE closed_at END, ${changeable} WHERE id = @id`,
    );
    // An index is written anew for every column that is named, changed or not.
    this.#updateUnindexed = catalogue.prepare(`UPDATE recordings SET ${changeable} WHERE id = @id`);
    this.#removeEvent = catalogue.prepare(
      "DELETE FROM recording_events WHERE recording_id = ? AND event_id = ?",
    );
    this.#addEvent = catalogue.prepare("INSERT INTO recording_events (recording_id, event_id) VALUES (?, ?)");
    this.#seal = catalogue.prepare(
      "UPDATE recordings SET phase = 'sealed' WHERE id = ? AND phase = 'kept' AND ended_at IS NOT NULL",
    );
    this.#dueGuards = catalogue.prepare<[EpochMs], { id: string; agent: string; call_session_id: string }>(
      `SELECT id, agent, call_session_id FROM recordings WHERE guard_at <= ? ORDER BY guard_at LIMIT 100`,
    );
    this.#nextGuardAt = catalogue.prepare<[], { at: EpochMs | null }>(
      "SELECT min(guard_at) AS at FROM recordings WHERE guard_at IS NOT NULL",
    );
    this.#setGuard = catalogue.prepare<[GuardKind | null, EpochMs | null, string]>(
      "UPDATE recordings SET guard_kind = ?, guard_at = ? WHERE id = ?",
    );
    this.#setAsk = catalogue.prepare<[EpochMs | null, string]>(
      "UPDATE recordings SET ask_at = ? WHERE id = ?",
    );
    this.#soonestAsks = catalogue.prepare<[number], { id: string; at: EpochMs }>(
      "SELECT id, ask_at AS at FROM recordings WHERE ask_at IS NOT NULL ORDER BY ask_at, id LIMIT ?",
    );
    this.#noteFirstFrame = catalogue.prepare(
      "UPDATE recordings SET first_frame_ms = ? WHERE id = ? AND first_frame_ms IS NULL",
    );
  }

  ofSession(agent: string, callSessionId: string): AgentLeg[] {
    return this.#ofSession.all(callSessionId, agent).map((row) => this.#toLeg(row));
  }

  /** The call sessions that an availability without session may touch: the agent's open ones and those it falls into. */
  sessionsAt(agent: string, at: EpochMs): string[] {
    return this.#touchedSessions.all({ agent, at }).map((row) => row.call_session_id);
  }

  open(): AgentLeg[] {
    return this.#open.all().map((row) => this.#toLeg(row));
  }

  /** Ended legs of which nobody knows yet whether they were answered. */
  waiting(): AgentLeg[] {
    return this.#waiting.all().map((row) => this.#toLeg(row));
  }

  /** Recordings whose end is not finished yet: files to be closed, or to be erased. */
  unfinished(): string[] {
    return this.#unfinished.all().map((row) => row.id);
  }

  /** Ended recordings whose files nobody closed: what is in no sealed file is lost. */
  cut(): AgentLeg[] {
    return this.#cut.all().map((row) => this.#toLeg(row));
  }

  /** The files of an ended recording are closed. */
  noteClosed(recordingId: string, at: EpochMs): void {
    this.#noteClosed.run(at, recordingId);
  }

  find(recordingId: string): LegHead | null {
    const row = this.#byId.get(recordingId);
    return row === undefined ? null : toHead(row);
  }

  save(update: LegUpdate): void {
    const { recordingId, leg, guard, before, phase, eraseAt } = update;
    const place = { agent: update.agent, callSessionId: leg.callSessionId };
    const indexed = {
      leg: leg.leg,
      phase,
      startedAt: leg.startedAt,
      endedAt: leg.endedAt,
      eraseAt,
    };
    const values = {
      id: recordingId,
      connectedAt: leg.connectedAt,
      keptAt: leg.keptAt,
      notes: JSON.stringify(update.notes),
      captureOrderedAt: update.captureOrderedAt,
      guardKind: guard?.kind ?? null,
      guardAt: guard?.at ?? null,
      askAt: update.askAt,
      policy: leg.policy,
    };
    const { revisionStep } = update;
    if (before === null) this.#insert.run({ ...place, ...indexed, ...values });
    else if (isAsBefore(before, indexed)) this.#updateUnindexed.run({ ...values, revisionStep });
    else this.#updateAll.run({ ...indexed, ...values, revisionStep });
    this.#saveEvents(recordingId, new Set(before?.eventIds), new Set(leg.eventIds));
  }

  /** Its files are closed: others may have it now. Returns false when it is no longer one to seal. */
  seal(recordingId: string): boolean {
    return this.#seal.run(recordingId).changes > 0;
  }

  dueGuards(now: EpochMs): DueGuard[] {
    return this.#dueGuards.all(now).map((row) => ({
      recordingId: row.id,
      agent: row.agent,
      callSessionId: row.call_session_id,
    }));
  }

  nextGuardAt(): EpochMs | null {
    return this.#nextGuardAt.get()?.at ?? null;
  }

  /** Sets a leg's next guard and nothing else. */
  guard(recordingId: string, guard: Guard | null): void {
    this.#setGuard.run(guard?.kind ?? null, guard?.at ?? null, recordingId);
  }

  /** Sets when Dynamics is asked about a leg next; null: not. */
  askAgainAt(recordingId: string, askAt: EpochMs | null): void {
    this.#setAsk.run(askAt, recordingId);
  }

  /** The legs that Dynamics is to be asked about, soonest first. */
  soonestAsks(limit: number): { recordingId: string; at: EpochMs }[] {
    return this.#soonestAsks.all(limit).map(({ id, at }) => ({ recordingId: id, at }));
  }

  /** Returns false when the recording had its first frame before, in an earlier run for example. */
  noteFirstFrame(recordingId: string, latencyMs: DurationMs): boolean {
    return this.#noteFirstFrame.run(latencyMs, recordingId).changes > 0;
  }

  #saveEvents(recordingId: string, before: ReadonlySet<string>, now: ReadonlySet<string>): void {
    for (const eventId of before) if (!now.has(eventId)) this.#removeEvent.run(recordingId, eventId);
    for (const eventId of now) if (!before.has(eventId)) this.#addEvent.run(recordingId, eventId);
  }

  #toLeg(row: LegRow): AgentLeg {
    return { ...toHead(row), eventIds: this.#eventIds.all(row.id).map((event) => event.id) };
  }
}

function isAsBefore(
  before: AgentLeg,
  now: Pick<AgentLeg, "leg" | "phase" | "startedAt" | "endedAt" | "eraseAt">,
): boolean {
  return (
    before.leg === now.leg &&
    before.phase === now.phase &&
    before.startedAt === now.startedAt &&
    before.endedAt === now.endedAt &&
    before.eraseAt === now.eraseAt
  );
}

function toHead(row: LegRow): LegHead {
  return {
    recordingId: row.id,
    agent: row.agent,
    callSessionId: row.call_session_id,
    leg: row.leg,
    phase: row.phase,
    startedAt: row.started_at,
    connectedAt: row.connected_at,
    keptAt: row.kept_at,
    endedAt: row.ended_at,
    notes: JSON.parse(row.notes) as DecisionKind[],
    captureOrdered: row.capture_ordered_at !== null,
    captureOrderedAt: row.capture_ordered_at,
    eraseAt: row.erase_at,
    askAt: row.ask_at,
    erased: row.erased_at !== null,
    policy: row.policy,
  };
}
