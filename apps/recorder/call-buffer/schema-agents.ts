/** Names of agents, and pauses. */
export const AGENTS_SCHEMA = `
  CREATE TABLE agent_names (
    name TEXT PRIMARY KEY,             -- lower case
    agent TEXT NOT NULL,               -- the agent's id: one of its names
    source TEXT NOT NULL,
    via TEXT,                          -- the alias file's name that connects it; null: not connected by the file
    learned_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_names_of_agent ON agent_names (agent);

  CREATE TABLE agent_merges (
    from_agent TEXT PRIMARY KEY,       -- is the same person as
    into_agent TEXT NOT NULL,          -- this one, and waits until its recordings are over
    source TEXT NOT NULL,
    via TEXT,
    asked_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alias_file (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    content TEXT NOT NULL,             -- the newest one without a fault
    taken_at REAL NOT NULL
  ) STRICT;

  CREATE TABLE pauses (
    id INTEGER PRIMARY KEY,
    agent TEXT NOT NULL,
    from_at REAL NOT NULL,
    to_at REAL,                        -- null while it lasts
    ends_by REAL NOT NULL,             -- when it ends by itself
    reason TEXT NOT NULL,
    by TEXT NOT NULL,                  -- the scope that asked for it
    ended_by TEXT                      -- the scope that ended it, or 'max-pause'
  ) STRICT;
  CREATE INDEX pauses_of_agent ON pauses (agent, from_at);
  CREATE INDEX pauses_open ON pauses (ends_by) WHERE to_at IS NULL;
`;
