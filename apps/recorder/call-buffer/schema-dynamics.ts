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
  CREATE INDEX webhook_posts_by_time ON webhook_posts (received_at);

  CREATE TABLE dynamics_rows (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    conversation_id TEXT,              -- null: not known yet, or not of one
    user_id TEXT,
    facts TEXT NOT NULL,               -- JSON
    seen_at REAL NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX dynamics_rows_of_conversation ON dynamics_rows (conversation_id) WHERE conversation_id IS NOT NULL;
  CREATE INDEX dynamics_rows_of_user ON dynamics_rows (user_id, kind) WHERE user_id IS NOT NULL;
`;
