/** Who may see replay, who is signed in, and what people said about moments of interactions. */
export const IDENTITY_SCHEMA = `
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,         -- that the person signs in with, lower case
    role TEXT NOT NULL CHECK (role IN ('viewer', 'supervisor', 'admin', 'agent')),
    teams TEXT NOT NULL,               -- JSON array of the teams that a supervisor is in charge of
    agent_id TEXT,                     -- whom the person is as an agent, lower case
    disabled INTEGER NOT NULL,
    password TEXT NOT NULL,            -- argon2id with its parameters and salt, as a PHC string
    must_change INTEGER NOT NULL,      -- 1: somebody else knows the password
    made_at INTEGER NOT NULL,
    signed_in_at INTEGER               -- last; null: never
  ) STRICT;
  CREATE TABLE teams (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    agents TEXT NOT NULL               -- JSON array of agent ids, lower case
  ) STRICT;
  CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,       -- of the cookie's value, which is nowhere else than in the browser
    subject TEXT NOT NULL,             -- account:ID or token:SCOPE
    bound_to TEXT NOT NULL,            -- a hash of the token that was exchanged; empty for an account
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_of_subject ON sessions (subject);
  CREATE TABLE sign_in_attempts (
    key TEXT PRIMARY KEY,              -- a hash of the account's name or of an address
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (last_at);
  CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    interaction_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,            -- on the interaction's timeline
    text TEXT NOT NULL,
    tags TEXT NOT NULL,                -- JSON array
    author TEXT NOT NULL,              -- subject
    author_name TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    changed_at INTEGER                 -- null: never
  ) STRICT;
  CREATE INDEX notes_of_interaction ON notes (interaction_id, at_ms, id);
  CREATE INDEX audit_log_of_interaction ON audit_log (interaction_id, number) WHERE interaction_id IS NOT NULL;
  `;
