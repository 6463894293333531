/** Webhook posts as they came, and Dataverse rows as they were last seen. */
export const DYNAMICS_SCHEMA = `
  CREATE TABLE webhook_posts (
    id INTEGER PRIMARY KEY,
    received_at REAL NOT NULL,
    headers TEXT NOT NULL,             -- JSON: the x-ms-dynamics-* headers
    body TEXT NOT NULL,                -- as posted
    state TEXT NOT NULL CHECK (state IN ('waiting', 'mapped', 'refused')),
    detail TEXT                        -- refused: why
  ) STRICT;
  CREATE INDEX webhook_posts_waiting ON webhook_posts (id) WHERE state = 'waiting';
  CREATE INDEX webhook_posts_by_time ON webhook_posts (state, received_at);

  CREATE TABLE dynamics_rows (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation_id TEXT,              -- null: not known yet, or not of one
    session_id TEXT,                   -- of a participant and its events
    user_id TEXT,
    happened_at REAL,                  -- a change: when; a conversation: when it was closed
    facts TEXT NOT NULL,               -- JSON
    seen_at REAL NOT NULL,             -- by our clock
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX dynamics_rows_of_conversation ON dynamics_rows (conversation_id) WHERE conversation_id IS NOT NULL;
  CREATE INDEX dynamics_rows_of_session ON dynamics_rows (session_id) WHERE session_id IS NOT NULL;
  CREATE INDEX dynamics_rows_of_user ON dynamics_rows (user_id, kind, happened_at) WHERE user_id IS NOT NULL;
  CREATE INDEX dynamics_rows_by_time ON dynamics_rows (kind, happened_at) WHERE happened_at IS NOT NULL;
  CREATE INDEX dynamics_rows_placeless ON dynamics_rows (seen_at) WHERE session_id IS NOT NULL AND conversation_id IS NULL;

  -- What has changed since it was last judged from all that Dynamics has of it; times by Dynamics' clock.
  CREATE TABLE dynamics_touched (
    kind TEXT NOT NULL CHECK (kind IN ('conversation', 'agent')),
    id TEXT NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE dynamics_marks (
    name TEXT PRIMARY KEY,
    at REAL NOT NULL                   -- by Dynamics' clock
  ) STRICT, WITHOUT ROWID;
`;
