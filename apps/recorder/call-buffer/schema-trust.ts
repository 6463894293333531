/** Desktops' keys, and the tokens by which they may enrol. */
export const TRUST_SCHEMA = `
  CREATE TABLE desktops (
    id TEXT PRIMARY KEY,
    public_key TEXT NOT NULL UNIQUE,   -- Ed25519, base64url
    device TEXT NOT NULL,
    os_user TEXT NOT NULL,
    place TEXT NOT NULL,               -- both, as they are compared
    key_protection TEXT NOT NULL CHECK (key_protection IN ('os', 'plain')),
    state TEXT NOT NULL CHECK (state IN ('active', 'pending', 'revoked')),
    agent TEXT,                        -- null until it has said hello
    agent_order INTEGER,               -- counts up: whose it was first
    is_assigned INTEGER NOT NULL,      -- the alias file says whose it is
    alarm TEXT,                        -- why somebody has to look at it
    enrolment_order INTEGER NOT NULL,  -- on the same count
    is_after_revocation INTEGER NOT NULL,
    enrolled_at REAL NOT NULL,
    enrolled_by TEXT NOT NULL,         -- 'site', or the id of the token
    last_seen_at REAL NOT NULL,
    approved_at REAL,
    approved_by TEXT,
    revoked_at REAL,
    revoked_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX desktops_by_enrolment ON desktops (enrolled_at DESC, id DESC);
  CREATE INDEX desktops_by_order ON desktops (agent_order);
  CREATE INDEX desktops_by_enrolment_order ON desktops (enrolment_order);
  CREATE INDEX desktops_of_place ON desktops (place);
  CREATE INDEX desktops_of_agent ON desktops (agent);
  CREATE INDEX desktops_in_doubt ON desktops (enrolled_at) WHERE alarm IS NOT NULL;

  CREATE TABLE enrollment_tokens (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,         -- SHA-256 of the token, hex
    note TEXT NOT NULL,
    made_at REAL NOT NULL,
    made_by TEXT NOT NULL,
    expires_at REAL NOT NULL,
    uses_left INTEGER                  -- null: as many as there are
  ) STRICT, WITHOUT ROWID;
`;
