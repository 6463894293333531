/** When the recorder's own clock was set: what its times before and after are worth to each other. */
export const CLOCK_SCHEMA = `
  CREATE TABLE clock_steps (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,                  -- right after it
    step_ms REAL NOT NULL              -- positive: set forward
  ) STRICT;
`;
