import type { CallEventType } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { DecisionKind } from "../domain/call-history.ts";
import type { Catalogue } from "./database.ts";

/** A recording that is under way, as far as its events tell of it. */
export interface OpenRecording {
  id: string;
  agent: string;
  callSessionId: string;
  leg: number;
  startedAt: EpochMs;
  connectedAt: EpochMs | null;
  /** Its events came too late to begin a capture. */
  isStartRefused: boolean;
  /** In the order in which they happened. */
  events: { type: CallEventType; at: EpochMs }[];
  attributes: Record<string, string>;
}

interface OpenRow {
  id: string;
  agent: string;
  call_session_id: string;
  leg: number;
  started_at: EpochMs;
  connected_at: EpochMs | null;
  notes: string;
}

/** So many are read in one go: media waits meanwhile. */
const READ_AT_ONCE = 50;

/** Reads what is under way. */
export class LiveReader {
  readonly #open;
  readonly #events;

  constructor(catalogue: Catalogue) {
    this.#open = catalogue.prepare<[string, number], OpenRow>(
      `SELECT id, agent, call_session_id, leg, started_at, connected_at, notes
       FROM recordings INDEXED BY recordings_open WHERE ended_at IS NULL AND id > ? ORDER BY id LIMIT ?`,
    );
    this.#events = catalogue.prepare<[string], { type: CallEventType; at: EpochMs; attributes: string }>(
      `SELECT type, events.at AS at, attributes FROM recording_events JOIN events ON events.id = event_id
       WHERE recording_id = ? ORDER BY at, events.id`,
    );
  }

  /** Those after an id, by their ids, some at once; none: that was all. */
  after(id: string): OpenRecording[] {
    return this.#open.all(id, READ_AT_ONCE).map((row) => {
      const events = this.#events.all(row.id);
      const attributes: Record<string, string> = {};
      for (const event of events) Object.assign(attributes, JSON.parse(event.attributes));
      return {
        ...{ id: row.id, agent: row.agent, callSessionId: row.call_session_id, leg: row.leg },
        ...{ startedAt: row.started_at, connectedAt: row.connected_at, attributes },
        isStartRefused: (JSON.parse(row.notes) as DecisionKind[]).includes("start-refused"),
        events: events.map(({ type, at }) => ({ type, at })),
      };
    });
  }
}
