/** What a catalogue of a million recordings is asked regularly, each question answered from an index. */
export const INDEXES_SCHEMA = `
  DROP INDEX recordings_of_session;
  CREATE UNIQUE INDEX recordings_of_session ON recordings (call_session_id, agent, leg);
  CREATE INDEX recordings_by_phase ON recordings (phase, started_at DESC, id DESC);
  CREATE INDEX recordings_of_agent_by_start ON recordings (agent, started_at DESC, id DESC, phase);
  -- By when they can be lent (next).
  DROP INDEX recordings_to_hand_off;
  CREATE INDEX recordings_to_hand_off ON recordings (max(retry_at, coalesce(lease_expires_at, 0)), id)
    WHERE phase = 'sealed' AND acked_revision < revision;
  CREATE INDEX recordings_refused ON recordings (nacks) WHERE nacks > 0;
  CREATE INDEX recording_events_of_event ON recording_events (event_id);
`;
