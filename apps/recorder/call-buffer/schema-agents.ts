/** Names of agents, and pauses. */
export const AGENTS_SCHEMA = `
  CREATE TABLE agent_names (
    name TEXT PRIMARY KEY,             -- lower case
    agent TEXT NOT NULL,
    source TEXT NOT NULL,
    learned_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX agent_names_of_agent ON agent_names (agent);

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
