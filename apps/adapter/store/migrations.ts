import { FIND_MIGRATION } from "./find-migration.ts";
import { LEDGER_MIGRATION } from "./ledger-migration.ts";
import { NOTE_SEARCH_MIGRATION } from "./note-search-migration.ts";
import { IDENTITY_SCHEMA } from "./identity-schema.ts";

/** The schema's history: each entry is applied once, in order; never edit one that was released. Times are epoch ms. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE recordings (
    recording_id TEXT PRIMARY KEY,
    interaction_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    handed_off INTEGER NOT NULL,       -- 0 while its segments are being copied
    received_at INTEGER NOT NULL,      -- when this revision came in, by our clock
    document TEXT NOT NULL             -- the recording as the recorder leased it, JSON
  ) STRICT;
  CREATE INDEX recordings_of_interaction ON recordings (interaction_id);

  CREATE TABLE segments (
    recording_id TEXT NOT NULL REFERENCES recordings ON DELETE CASCADE,
    track_id TEXT NOT NULL,
    segment_id TEXT NOT NULL,
    path TEXT NOT NULL,                -- relative to the data folder
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (recording_id, track_id, segment_id)
  ) STRICT;

  CREATE TABLE audio_parts (
    source_id TEXT PRIMARY KEY,        -- msdyn_ocrecordingid
    interaction_id TEXT,               -- null while Dynamics does not say which conversation
    version TEXT NOT NULL,             -- of the row at Dynamics
    state TEXT NOT NULL CHECK (state IN ('pending', 'fetched', 'faulty')),
    created_on INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,       -- when the part last became something else for the interaction
    attempts INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    fault TEXT,
    file TEXT                          -- the fetched file and its placement, JSON
  ) STRICT;
  CREATE INDEX audio_parts_of_interaction ON audio_parts (interaction_id);
  CREATE INDEX audio_parts_due ON audio_parts (state, retry_at);

  CREATE TABLE conversations (
    interaction_id TEXT PRIMARY KEY,
    closed INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    document TEXT NOT NULL             -- what Dynamics says of the session, JSON
  ) STRICT;

  CREATE TABLE jobs (
    interaction_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,          -- the newest archived version, 0 before the first
    plan_hash TEXT,                    -- of what that version was made from
    folder TEXT,                       -- of all versions, relative to the archive's root; fixed by version 1
    attempts INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    fault TEXT
  ) STRICT;

  CREATE TABLE watermarks (source TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;

  CREATE TABLE catalogue (
    interaction_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    coverage TEXT NOT NULL,
    customer TEXT NOT NULL,
    queue TEXT NOT NULL,
    agents TEXT NOT NULL,              -- JSON array of agent ids
    search TEXT NOT NULL,              -- everything that q finds, lower case
    folder TEXT NOT NULL,              -- of this version, absolute
    manifest TEXT NOT NULL
  ) STRICT;
  CREATE INDEX catalogue_by_time ON catalogue (started_at DESC, interaction_id DESC);
  `,
  `
  -- What the archive's chain says of interactions, followed up to the watermark 'archive chain'.
  CREATE TABLE legal_holds (
    interaction_id TEXT PRIMARY KEY,
    held_at INTEGER NOT NULL,
    held_by TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE TABLE deleted_interactions (
    interaction_id TEXT PRIMARY KEY,
    deleted_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,      -- of the entry in the archive's chain, which proves it
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    interaction_id TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- What lists and searches go by, so that none reads the whole catalogue. Rows keep their rowid: never VACUUM.
  CREATE INDEX catalogue_by_customer ON catalogue (customer, started_at DESC, interaction_id DESC);
  CREATE INDEX catalogue_by_queue ON catalogue (queue, started_at DESC, interaction_id DESC);
  CREATE INDEX catalogue_by_coverage ON catalogue (coverage, started_at DESC, interaction_id DESC);
  CREATE INDEX catalogue_by_duration ON catalogue (duration_ms);
  CREATE TABLE catalogue_agents (
    agent TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    interaction_id TEXT NOT NULL,
    PRIMARY KEY (agent, started_at DESC, interaction_id DESC)
  ) STRICT, WITHOUT ROWID;
  -- Which rows have three characters in a row; without their places, which would take most of the room.
  CREATE VIRTUAL TABLE catalogue_text USING fts5 (
    search, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
  );
  INSERT INTO catalogue_text (rowid, search) SELECT rowid, search FROM catalogue;
  INSERT OR IGNORE INTO catalogue_agents SELECT value, started_at, interaction_id FROM catalogue, json_each(agents);
  CREATE TRIGGER catalogue_added AFTER INSERT ON catalogue BEGIN
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search);
    INSERT OR IGNORE INTO catalogue_agents SELECT value, new.started_at, new.interaction_id FROM json_each(new.agents);
  END;
  CREATE TRIGGER catalogue_removed AFTER DELETE ON catalogue BEGIN
    DELETE FROM catalogue_text WHERE rowid = old.rowid;
    DELETE FROM catalogue_agents WHERE started_at = old.started_at AND interaction_id = old.interaction_id
      AND agent IN (SELECT value FROM json_each(old.agents));
  END;
  CREATE TRIGGER catalogue_changed AFTER UPDATE ON catalogue BEGIN
    DELETE FROM catalogue_text WHERE rowid = old.rowid;
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search);
    DELETE FROM catalogue_agents WHERE started_at = old.started_at AND interaction_id = old.interaction_id
      AND agent IN (SELECT value FROM json_each(old.agents));
    INSERT OR IGNORE INTO catalogue_agents SELECT value, new.started_at, new.interaction_id FROM json_each(new.agents);
  END;
  `,
  `
  -- Where a version lies is told relative to the archive's root, which may be a bucket: year/month/day/interaction/version.
  DROP TRIGGER catalogue_changed;
  ALTER TABLE catalogue RENAME COLUMN folder TO place;
  UPDATE catalogue SET place = jobs.folder || '/v' || catalogue.version
    FROM jobs WHERE jobs.interaction_id = catalogue.interaction_id AND jobs.folder IS NOT NULL;
  CREATE TRIGGER catalogue_changed AFTER UPDATE ON catalogue BEGIN
    DELETE FROM catalogue_text WHERE rowid = old.rowid;
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search);
    DELETE FROM catalogue_agents WHERE started_at = old.started_at AND interaction_id = old.interaction_id
      AND agent IN (SELECT value FROM json_each(old.agents));
    INSERT OR IGNORE INTO catalogue_agents SELECT value, new.started_at, new.interaction_id FROM json_each(new.agents);
  END;
  `,
  `
  -- Who has seen and taken what; only ever added to.
  CREATE TABLE accesses (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    interaction_id TEXT NOT NULL,
    detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX accesses_by_time ON accesses (at, id);
  CREATE INDEX audit_by_time ON audit (at, sequence);
  CREATE TRIGGER accesses_stay BEFORE DELETE ON accesses BEGIN SELECT raise(ABORT, 'accesses are kept'); END;
  CREATE TRIGGER accesses_are_fixed BEFORE UPDATE ON accesses BEGIN SELECT raise(ABORT, 'accesses are fixed'); END;
  `,
  `
  -- Where Dynamics is asked for what has changed since, where it tracks changes.
  CREATE TABLE delta_links (source TEXT PRIMARY KEY, link TEXT NOT NULL) STRICT;
  `,
  `
  -- Conditions are judged in the index that leads a list, and only rows that have all of them are read.
  DROP INDEX catalogue_by_time;
  DROP INDEX catalogue_by_customer;
  DROP INDEX catalogue_by_queue;
  DROP INDEX catalogue_by_coverage;
  CREATE INDEX catalogue_by_time ON catalogue
    (started_at DESC, interaction_id DESC, coverage, queue, duration_ms, customer);
  CREATE INDEX catalogue_by_customer ON catalogue
    (customer, started_at DESC, interaction_id DESC, coverage, queue, duration_ms);
  CREATE INDEX catalogue_by_queue ON catalogue
    (queue, started_at DESC, interaction_id DESC, coverage, duration_ms, customer);
  CREATE INDEX catalogue_by_coverage ON catalogue
    (coverage, started_at DESC, interaction_id DESC, queue, duration_ms, customer);
  DROP TRIGGER catalogue_added;
  DROP TRIGGER catalogue_removed;
  DROP TRIGGER catalogue_changed;
  DROP TABLE catalogue_agents;
  CREATE TABLE catalogue_agents (
    agent TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    interaction_id TEXT NOT NULL,
    row INTEGER NOT NULL,              -- of the catalogue
    coverage TEXT NOT NULL,
    queue TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    customer TEXT NOT NULL,
    PRIMARY KEY (agent, started_at DESC, interaction_id DESC)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO catalogue_agents
    SELECT value, started_at, interaction_id, catalogue.rowid, coverage, queue, duration_ms, customer
    FROM catalogue, json_each(agents);
  CREATE TRIGGER catalogue_added AFTER INSERT ON catalogue BEGIN
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search);
    INSERT OR IGNORE INTO catalogue_agents SELECT value, new.started_at, new.interaction_id, new.rowid,
      new.coverage, new.queue, new.duration_ms, new.customer FROM json_each(new.agents);
  END;
  CREATE TRIGGER catalogue_removed AFTER DELETE ON catalogue BEGIN
    DELETE FROM catalogue_text WHERE rowid = old.rowid;
    DELETE FROM catalogue_agents WHERE started_at = old.started_at AND interaction_id = old.interaction_id
      AND agent IN (SELECT value FROM json_each(old.agents));
  END;
  CREATE TRIGGER catalogue_changed AFTER UPDATE ON catalogue BEGIN
    DELETE FROM catalogue_text WHERE rowid = old.rowid;
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search);
    DELETE FROM catalogue_agents WHERE started_at = old.started_at AND interaction_id = old.interaction_id
      AND agent IN (SELECT value FROM json_each(old.agents));
    INSERT OR IGNORE INTO catalogue_agents SELECT value, new.started_at, new.interaction_id, new.rowid,
      new.coverage, new.queue, new.duration_ms, new.customer FROM json_each(new.agents);
  END;
  -- Which three characters in a row there are at all: what is asked for by one or two is looked up here first.
  CREATE TABLE catalogue_grams (gram TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO catalogue_grams SELECT value FROM catalogue, json_each(new_grams_of(search));
  -- new_grams_of is this program's: the pieces of a text, but for those that it knows to be in the table.
  CREATE TRIGGER catalogue_grams_added AFTER INSERT ON catalogue BEGIN
    INSERT INTO catalogue_grams SELECT value FROM json_each(new_grams_of(new.search)) WHERE true
      ON CONFLICT DO NOTHING;
  END;
  CREATE TRIGGER catalogue_grams_changed AFTER UPDATE OF search ON catalogue BEGIN
    INSERT INTO catalogue_grams SELECT value FROM json_each(new_grams_of(new.search)) WHERE true
      ON CONFLICT DO NOTHING;
  END;
  `,
  `
  -- How far a reindex has come, so that one that was broken off goes on; no row: none is under way.
  CREATE TABLE reindex_run (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    root TEXT NOT NULL,                -- of the archive
    after TEXT,                        -- the interaction's place that was taken over last
    interactions INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE reindex_faults (place TEXT PRIMARY KEY, fault TEXT NOT NULL) STRICT;
  -- What the catalogue had at the run's beginning and has not been found yet.
  CREATE TABLE reindex_unseen (interaction_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  `,
  `
  -- One log of all that is done, hash-chained; what was noted before is taken over in the order of its time.
  CREATE TABLE audit_log (
    number INTEGER PRIMARY KEY,        -- from 1, without a gap
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    interaction_id TEXT,               -- null: done to the adapter
    detail TEXT NOT NULL,
    sequence INTEGER,                  -- of the entry in the archive's chain that proves it; null: it is noted here only
    previous TEXT,                     -- sha256 of the entry before; null in the first
    sha256 TEXT NOT NULL               -- of this one, by store/audit-entry.ts
  ) STRICT;
  CREATE INDEX audit_log_by_sequence ON audit_log (sequence) WHERE sequence IS NOT NULL;
  CREATE TRIGGER audit_log_grows BEFORE INSERT ON audit_log
    WHEN new.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM audit_log)
      OR new.previous IS NOT (SELECT sha256 FROM audit_log ORDER BY number DESC LIMIT 1)
    BEGIN SELECT raise(ABORT, 'the audit log grows at its end only'); END;
  CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log BEGIN SELECT raise(ABORT, 'the audit log is kept'); END;
  CREATE TRIGGER audit_log_is_fixed BEFORE UPDATE ON audit_log BEGIN SELECT raise(ABORT, 'the audit log is fixed'); END;
  CREATE TABLE audit_before (at INTEGER, who TEXT, action TEXT, interaction_id TEXT, detail TEXT, sequence INTEGER);
  -- audit_hash_of is this program's.
  CREATE TRIGGER audit_taken_over AFTER INSERT ON audit_before BEGIN
    INSERT INTO audit_log
      SELECT number, new.at, new.who, new.action, new.interaction_id, new.detail, new.sequence, previous,
        audit_hash_of(number, new.at, new.who, new.action, new.interaction_id, new.detail, new.sequence, previous)
      FROM (SELECT coalesce(max(number), 0) + 1 AS number,
        (SELECT sha256 FROM audit_log ORDER BY number DESC LIMIT 1) AS previous FROM audit_log);
  END;
  INSERT INTO audit_before
    SELECT at, who, action, interaction_id, detail, sequence FROM audit
    UNION ALL SELECT at, who, action, interaction_id, detail, NULL FROM accesses ORDER BY at;
  DROP TABLE audit_before;
  DROP TABLE audit;
  DROP TABLE accesses;
  -- What the archive's chain has signed of the log's length.
  CREATE TABLE audit_anchors (sequence INTEGER PRIMARY KEY, entries INTEGER NOT NULL, sha256 TEXT NOT NULL) STRICT;
  -- What the adapter was configured with last: which keys there were, and a digest of each value with a salt.
  CREATE TABLE configuration (key TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT;
  `,
  `
  -- Where in the archive a source lies since its own file has gone, JSON; null: its file is here.
  ALTER TABLE segments ADD COLUMN archived TEXT;
  ALTER TABLE audio_parts ADD COLUMN archived TEXT;
  CREATE INDEX segments_here ON segments (recording_id) WHERE archived IS NULL;
  CREATE INDEX audio_parts_here ON audio_parts (interaction_id) WHERE file IS NOT NULL AND archived IS NULL;
  ALTER TABLE jobs ADD COLUMN archived_at INTEGER NOT NULL DEFAULT 0; -- when the newest version was made
  -- 1: the newest version is made from all that is here, so that a start need not look at it. Whatever changes, ends that.
  ALTER TABLE jobs ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
  CREATE TRIGGER recording_came AFTER INSERT ON recordings BEGIN
    UPDATE jobs SET settled = 0 WHERE interaction_id = new.interaction_id;
  END;
  CREATE TRIGGER recording_changed AFTER UPDATE ON recordings BEGIN
    UPDATE jobs SET settled = 0 WHERE interaction_id = new.interaction_id;
  END;
  CREATE TRIGGER recording_went AFTER DELETE ON recordings BEGIN
    UPDATE jobs SET settled = 0 WHERE interaction_id = old.interaction_id;
  END;
  CREATE TRIGGER audio_came AFTER INSERT ON audio_parts BEGIN
    UPDATE jobs SET settled = 0 WHERE interaction_id = new.interaction_id;
  END;
  CREATE TRIGGER audio_changed AFTER UPDATE ON audio_parts BEGIN
    UPDATE jobs SET settled = 0 WHERE interaction_id IN (old.interaction_id, new.interaction_id);
  END;
  CREATE TRIGGER conversation_came AFTER INSERT ON conversations BEGIN
    UPDATE jobs SET settled = 0 WHERE interaction_id = new.interaction_id;
  END;
  CREATE TRIGGER conversation_changed AFTER UPDATE ON conversations BEGIN
    UPDATE jobs SET settled = 0 WHERE interaction_id = new.interaction_id;
  END;
  `,
  FIND_MIGRATION,
  IDENTITY_SCHEMA,
  NOTE_SEARCH_MIGRATION,
  LEDGER_MIGRATION,
];
