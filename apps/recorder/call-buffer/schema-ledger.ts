/** What the ledger needs beside the recordings: events that no recording has. */
export const LEDGER_SCHEMA = `
  CREATE TABLE strays (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    call_session_id TEXT,              -- null: an availability that spoke of no call
    from_at REAL NOT NULL,
    to_at REAL NOT NULL,
    reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX strays_by_start ON strays (from_at DESC, id DESC);
`;
