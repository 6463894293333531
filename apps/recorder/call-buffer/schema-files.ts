/** What the check at start finds of segments' files. */
export const FILES_SCHEMA = `
  -- Why its file is not to be handed off: 'missing', 'wrong-size'; null: it is as it was written.
  ALTER TABLE segments ADD COLUMN fault TEXT;
  CREATE INDEX segments_faulty ON segments (recording_id, track_id, id) WHERE fault IS NOT NULL;
  CREATE TRIGGER word_after_segment_fault AFTER UPDATE OF fault ON segments WHEN OLD.fault IS NOT NEW.fault
    BEGIN UPDATE recordings SET word = NULL WHERE id = NEW.recording_id AND word IS NOT NULL; END;
`;
