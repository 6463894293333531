import type { CallEvent, CallEventType } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Decision, DecisionKind, HistoryEvent } from "../domain/call-history.ts";
import type { Catalogue } from "./database.ts";

/** A call event on its way into the catalogue. */
export interface ReceivedEvent {
  event: CallEvent;
  /** As posted, JSON. */
  raw: string;
  /** When it came in, where that was later than what it came with. */
  receivedAt?: EpochMs;
}

interface EventRow {
  id: string;
  type: CallEventType;
  call_session_id: string | null;
  source_at: EpochMs;
  received_at: EpochMs;
  at: EpochMs;
}

interface DecisionRow {
  id: number;
  recording_id: string;
  call_session_id: string;
  kind: DecisionKind;
  at: EpochMs;
}

/** Call events and our own decisions: what the lifecycle folds. Both are only ever added. */
export class EventStore {
  readonly #insertEvent;
  readonly #eventsOfSession;
  readonly #availabilitySince;
  readonly #insertDecision;
  readonly #decisionsOfSession;

  constructor(catalogue: Catalogue) {
    this.#insertEvent = catalogue.prepare(
      `INSERT INTO events (id, agent, call_session_id, type, source_at, received_at, at, attributes, raw)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    );
    this.#eventsOfSession = catalogue.prepare<[string, string], EventRow>(
      "SELECT id, type, call_session_id, source_at, received_at, at FROM events WHERE agent = ? AND call_session_id = ?",
    );
    this.#availabilitySince = catalogue.prepare<[string, EpochMs], EventRow>(
      `SELECT id, type, call_session_id, source_at, received_at, at FROM events
       WHERE agent = ? AND call_session_id IS NULL AND at >= ?`,
    );
    this.#insertDecision = catalogue.prepare(
      "INSERT INTO decisions (recording_id, call_session_id, agent, kind, at) VALUES (?, ?, ?, ?, ?)",
    );
    this.#decisionsOfSession = catalogue.prepare<[string, string], DecisionRow>(
      "SELECT id, recording_id, call_session_id, kind, at FROM decisions WHERE agent = ? AND call_session_id = ?",
    );
  }

  /** Returns false when an event of this id is there already: the first wins. */
  addEvent(received: ReceivedEvent, cameAt: EpochMs): boolean {
    const { event, raw, receivedAt = cameAt } = received;
    const { id, agent, callSessionId = null, type, at } = event;
    const attributes = JSON.stringify(event.attributes ?? {});
    const orderAt = Math.min(at, receivedAt);
    const row = [id, agent, callSessionId, type, at, receivedAt, orderAt, attributes, raw];
    return this.#insertEvent.run(...row).changes > 0;
  }

  /** A call session's events at an agent, any order. */
  eventsOfSession(agent: string, callSessionId: string): HistoryEvent[] {
    return this.#eventsOfSession.all(agent, callSessionId).map(toHistoryEvent);
  }

  /** The agent's availability without a session from then on: it may end any of its calls. */
  availabilitySince(agent: string, at: EpochMs): HistoryEvent[] {
    return this.#availabilitySince.all(agent, at).map(toHistoryEvent);
  }

  addDecision(agent: string, decision: Omit<Decision, "id">): void {
    const { recordingId, callSessionId, kind, at } = decision;
    this.#insertDecision.run(recordingId, callSessionId, agent, kind, at);
  }

  decisionsOfSession(agent: string, callSessionId: string): Decision[] {
    return this.#decisionsOfSession.all(agent, callSessionId).map((row) => ({
      id: String(row.id).padStart(16, "0"),
      recordingId: row.recording_id,
      callSessionId: row.call_session_id,
      kind: row.kind,
      at: row.at,
    }));
  }
}

function toHistoryEvent(row: EventRow): HistoryEvent {
  return {
    id: row.id,
    type: row.type,
    callSessionId: row.call_session_id,
    at: row.at,
    lateByMs: row.received_at - row.source_at,
  };
}
