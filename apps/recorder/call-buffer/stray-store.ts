import { ulid } from "ulid";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { describeStray, type StrayReason } from "../domain/strays.ts";
import type { Catalogue } from "./database.ts";

interface StrayRow {
  id: string;
  from_at: EpochMs;
  to_at: EpochMs;
  reason: StrayReason | null;
}

/**
 * Call events that no recording has, so that the ledger has them: one entry for each call session at an agent, and one
 * for each availability that spoke of no call. Each is looked at again whenever its agent's recordings have changed.
 */
export class StrayStore {
  readonly #left;
  readonly #hasRecording;
  readonly #ofSession;
  readonly #insert;
  readonly #remove;
  readonly #sessionStart;
  readonly #leftAvailability;
  readonly #placedAvailability;
  readonly #sessionsOf;

  constructor(catalogue: Catalogue) {
    this.#left = catalogue.prepare<[string, string], { type: CallEventType; at: EpochMs }>(
      `SELECT type, at FROM events WHERE agent = ? AND call_session_id = ?
         AND NOT EXISTS (SELECT 1 FROM recording_events WHERE event_id = events.id)`,
    );
    this.#hasRecording = catalogue.prepare<[string, string], { found: number }>(
      "SELECT EXISTS (SELECT 1 FROM recordings WHERE agent = ? AND call_session_id = ?) AS found",
    );
    this.#ofSession = catalogue.prepare<[string, string], StrayRow>(
      "SELECT id, from_at, to_at, reason FROM strays WHERE agent = ? AND call_session_id = ?",
    );
    this.#insert = catalogue.prepare(
      `INSERT INTO strays (id, agent, call_session_id, event_id, from_at, to_at, reason)
       VALUES (@id, @agent, @callSessionId, @eventId, @from, @to, @reason)`,
    );
    this.#remove = catalogue.prepare<[string]>("DELETE FROM strays WHERE id = ?");
    this.#sessionStart = catalogue.prepare<[string, string], { at: EpochMs | null }>(
      "SELECT min(at) AS at FROM events WHERE agent = ? AND call_session_id = ?",
    );
    this.#leftAvailability = catalogue.prepare<[string, EpochMs], { id: string; at: EpochMs }>(
      `SELECT id, at FROM events WHERE agent = ? AND call_session_id IS NULL AND at >= ?
         AND NOT EXISTS (SELECT 1 FROM recording_events WHERE event_id = events.id)`,
    );
    this.#placedAvailability = catalogue.prepare<
      [string, EpochMs],
      { id: string; event_id: string; is_placed: number }
    >(
      `SELECT id, event_id, EXISTS (SELECT 1 FROM recording_events WHERE event_id = strays.event_id) AS is_placed
       FROM strays INDEXED BY strays_of_agent WHERE agent = ? AND from_at >= ? AND call_session_id IS NULL`,
    );
    this.#sessionsOf = catalogue.prepare<[string], { call_session_id: string }>(
      "SELECT DISTINCT call_session_id FROM strays WHERE agent = ? AND call_session_id IS NOT NULL",
    );
  }

  /**
   * To be called within the transaction that has changed recordings of these call sessions or stored events of theirs. Any
   * availability since they began may have found its place, or lost it.
   */
  settleSessions(agent: string, sessions: Iterable<string>): void {
    let since = Number.POSITIVE_INFINITY;
    for (const callSessionId of sessions) {
      this.#settleSession(agent, callSessionId);
      since = Math.min(since, this.#sessionStart.get(agent, callSessionId)?.at ?? since);
    }
    if (since < Number.POSITIVE_INFINITY) this.settleAvailability(agent, since);
  }

  /** The same for availability without a call session, from then on. */
  settleAvailability(agent: string, since: EpochMs): void {
    const known = new Set<string>();
    for (const { id, event_id, is_placed } of this.#placedAvailability.all(agent, since)) {
      if (is_placed === 1) this.#remove.run(id);
      else known.add(event_id);
    }
    for (const { id, at } of this.#leftAvailability.all(agent, since)) {
      if (known.has(id)) continue;
      const stray = { from: at, to: at, reason: "no-call" };
      this.#insert.run({ ...stray, id: ulid(), agent, callSessionId: null, eventId: id });
    }
  }

  /** The same for an agent that has got another one's events and recordings. */
  settleAgent(agent: string): void {
    const sessions = this.#sessionsOf.all(agent).map((row) => row.call_session_id);
    for (const callSessionId of sessions) this.#settleSession(agent, callSessionId);
  }

  #settleSession(agent: string, callSessionId: string): void {
    const left = this.#left.all(agent, callSessionId);
    const known = this.#ofSession.all(agent, callSessionId);
    if (left.length === 0 && known.length === 0) return;
    const hasRecording = this.#hasRecording.get(agent, callSessionId)?.found === 1;
    const stray = describeStray(left, hasRecording);
    const [first, ...others] = known;
    const isSame =
      first?.from_at === stray?.from && first?.to_at === stray?.to && first?.reason === stray?.reason;
    if (isSame && others.length === 0) return;
    for (const { id } of known) this.#remove.run(id);
    if (stray === null) return;
    // The id stays, so that a list that is being paged does not show it twice.
    this.#insert.run({ ...stray, id: first?.id ?? ulid(), agent, callSessionId, eventId: null });
  }
}
