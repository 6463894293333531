/**
 * What the ledger needs: the words of ended recordings, so that they can be looked for, and events that no recording has.
 *
 * A word is null until it has been judged, and again whenever something has changed that it depends on; the triggers see
 * to that whoever makes the change.
 */
export const LEDGER_SCHEMA = `
  ALTER TABLE recordings ADD COLUMN word TEXT;         -- of an ended recording; null: to be judged
  CREATE INDEX recordings_by_word ON recordings (word, started_at DESC, id DESC);
  CREATE INDEX recordings_unjudged ON recordings (id) WHERE word IS NULL AND ended_at IS NOT NULL;
  -- Those that a search by time finds only if it looks far back; LONG_MS in ledger-query.ts.
  CREATE INDEX recordings_long ON recordings (started_at DESC, id DESC)
    WHERE ended_at IS NULL OR ended_at - started_at > 7200000;

  CREATE TRIGGER word_of_changed_recording AFTER UPDATE OF phase, started_at, connected_at, kept_at, ended_at, notes, policy
    ON recordings WHEN NEW.word IS NOT NULL AND (OLD.phase <> NEW.phase OR OLD.started_at <> NEW.started_at
      OR OLD.connected_at IS NOT NEW.connected_at OR OLD.kept_at IS NOT NEW.kept_at OR OLD.ended_at IS NOT NEW.ended_at
      OR OLD.notes <> NEW.notes OR OLD.policy IS NOT NEW.policy)
    BEGIN UPDATE recordings SET word = NULL WHERE id = NEW.id; END;
  CREATE TRIGGER word_after_track AFTER INSERT ON tracks
    BEGIN UPDATE recordings SET word = NULL WHERE id = NEW.recording_id AND word IS NOT NULL; END;
  CREATE TRIGGER word_after_segment AFTER INSERT ON segments
    BEGIN UPDATE recordings SET word = NULL WHERE id = NEW.recording_id AND word IS NOT NULL; END;
  CREATE TRIGGER word_after_outage AFTER INSERT ON outages
    BEGIN UPDATE recordings SET word = NULL WHERE id = NEW.recording_id AND word IS NOT NULL; END;
  CREATE TRIGGER word_after_outage_end AFTER UPDATE ON outages
    BEGIN UPDATE recordings SET word = NULL WHERE id = NEW.recording_id AND word IS NOT NULL; END;
  CREATE TRIGGER word_after_pause AFTER INSERT ON pauses
    BEGIN UPDATE recordings SET word = NULL WHERE agent = NEW.agent AND ended_at > NEW.from_at AND word IS NOT NULL; END;
  CREATE TRIGGER word_after_pause_end AFTER UPDATE ON pauses
    BEGIN UPDATE recordings SET word = NULL WHERE agent = NEW.agent AND ended_at > NEW.from_at AND word IS NOT NULL; END;

  CREATE TABLE strays (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    call_session_id TEXT,              -- null: an availability that spoke of no call
    event_id TEXT,                     -- of that availability
    from_at REAL NOT NULL,
    to_at REAL NOT NULL,
    reason TEXT                        -- null: repeats and remarks beside a recording of the same call, not shown
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX strays_by_start ON strays (from_at DESC, id DESC) WHERE reason IS NOT NULL;
  CREATE INDEX strays_long ON strays (from_at DESC, id DESC) WHERE reason IS NOT NULL AND to_at - from_at > 7200000;
  CREATE INDEX strays_of_agent ON strays (agent, from_at DESC, id DESC);
  CREATE INDEX strays_of_session ON strays (call_session_id, agent);
`;
