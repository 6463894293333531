import { ABSENCE_SCHEMA } from "./schema-absence.ts";
import { AGENTS_SCHEMA } from "./schema-agents.ts";
import { CLOCK_SCHEMA } from "./schema-clock.ts";
import { DYNAMICS_SCHEMA } from "./schema-dynamics.ts";
import { EVIDENCE_SCHEMA } from "./schema-evidence.ts";
import { FILES_SCHEMA } from "./schema-files.ts";
import { INDEXES_SCHEMA } from "./schema-indexes.ts";
import { KEEPING_SCHEMA } from "./schema-keeping.ts";
import { LEDGER_SCHEMA } from "./schema-ledger.ts";
import { TRUST_SCHEMA } from "./schema-trust.ts";

/**
 * The catalogue's schema by versions: each entry is applied once, in order; never edit one that was released.
 * Times are epoch ms and may carry fractions, so they are REAL.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE events (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    call_session_id TEXT,
    type TEXT NOT NULL,
    source_at REAL NOT NULL,
    received_at REAL NOT NULL,
    at REAL NOT NULL,                  -- the earlier of the two: what the lifecycle orders by
    attributes TEXT NOT NULL,          -- JSON object
    raw TEXT NOT NULL                  -- as posted, JSON
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX events_of_session ON events (agent, call_session_id, at);

  CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    call_session_id TEXT NOT NULL,
    leg INTEGER NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('provisional', 'kept', 'sealed', 'discarded')),
    revision INTEGER NOT NULL DEFAULT 1,
    started_at REAL NOT NULL,
    connected_at REAL,
    kept_at REAL,
    ended_at REAL,
    notes TEXT NOT NULL,               -- JSON array of decision kinds
    capture_ordered_at REAL,           -- receipt of the request that capture began for
    first_frame_ms REAL,               -- from there to the first frame in a file
    guard_kind TEXT,
    guard_at REAL,
    erase_at REAL,                     -- discarded: when the files go
    erased_at REAL,                    -- the files are gone
    acked_revision INTEGER NOT NULL DEFAULT 0,
    acked_at REAL,
    acked_lease TEXT,
    lease_id TEXT,
    lease_adapter TEXT,
    lease_ms REAL,
    lease_expires_at REAL,
    nacks INTEGER NOT NULL DEFAULT 0,
    nack_reason TEXT,
    retry_at REAL NOT NULL DEFAULT 0,
    UNIQUE (agent, call_session_id, leg)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX recordings_by_start ON recordings (started_at DESC, id DESC);
  CREATE INDEX recordings_of_session ON recordings (call_session_id);
  CREATE INDEX recordings_of_agent ON recordings (agent, ended_at);
  CREATE INDEX recordings_open ON recordings (id) WHERE ended_at IS NULL;
  CREATE INDEX recordings_unfinished ON recordings (ended_at) WHERE phase IN ('provisional', 'kept');
  CREATE INDEX recordings_guarded ON recordings (guard_at) WHERE guard_at IS NOT NULL;
  CREATE INDEX recordings_to_erase ON recordings (erase_at) WHERE erase_at IS NOT NULL AND erased_at IS NULL;
  CREATE INDEX recordings_to_hand_off ON recordings (id) WHERE phase = 'sealed' AND acked_revision < revision;
  CREATE INDEX recordings_acked ON recordings (acked_at) WHERE acked_at IS NOT NULL AND erased_at IS NULL;

  CREATE TABLE recording_events (
    recording_id TEXT NOT NULL REFERENCES recordings,
    event_id TEXT NOT NULL REFERENCES events,
    PRIMARY KEY (recording_id, event_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    recording_id TEXT NOT NULL REFERENCES recordings,
    call_session_id TEXT NOT NULL,
    agent TEXT NOT NULL,
    kind TEXT NOT NULL,
    at REAL NOT NULL
  ) STRICT;
  CREATE INDEX decisions_of_session ON decisions (agent, call_session_id);

  CREATE TABLE tracks (
    recording_id TEXT NOT NULL REFERENCES recordings,
    id INTEGER NOT NULL,
    desktop TEXT NOT NULL,
    display TEXT NOT NULL,
    codec TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    opened_at REAL NOT NULL,
    PRIMARY KEY (recording_id, id),
    UNIQUE (recording_id, desktop, display, codec)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE segments (
    recording_id TEXT NOT NULL,
    track_id INTEGER NOT NULL,
    id TEXT NOT NULL,
    started_at REAL NOT NULL,
    duration_ms REAL NOT NULL,
    frames INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    previous_sha256 TEXT,
    PRIMARY KEY (recording_id, track_id, id),
    FOREIGN KEY (recording_id, track_id) REFERENCES tracks
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE outages (
    id INTEGER PRIMARY KEY,
    recording_id TEXT NOT NULL REFERENCES recordings,
    track_id INTEGER,                  -- null: of every track
    from_at REAL NOT NULL,
    to_at REAL,                        -- null while it lasts
    reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outages_of_recording ON outages (recording_id);
  `,
  DYNAMICS_SCHEMA,
  AGENTS_SCHEMA,
  EVIDENCE_SCHEMA,
  LEDGER_SCHEMA,
  INDEXES_SCHEMA,
  CLOCK_SCHEMA,
  FILES_SCHEMA,
  KEEPING_SCHEMA,
  TRUST_SCHEMA,
  ABSENCE_SCHEMA,
];
