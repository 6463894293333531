/** When Dynamics is asked next about a recording, what policy makes of it, and whether its files are closed. */
export const EVIDENCE_SCHEMA = `
  ALTER TABLE recordings ADD COLUMN ask_at REAL;      -- next look-up; null: nothing is asked
  ALTER TABLE recordings ADD COLUMN policy TEXT;      -- 'too-short' or 'not-sampled'; null: recorded
  ALTER TABLE recordings ADD COLUMN closed_at REAL;   -- its files were closed after its end
  UPDATE recordings SET closed_at = ended_at WHERE phase IN ('sealed', 'discarded');
  CREATE INDEX recordings_to_ask ON recordings (ask_at) WHERE ask_at IS NOT NULL;
`;
