/** The direction of calls, the order by length, and the names of agents: what the replay page finds by. */
export const FIND_MIGRATION = `
  DROP TRIGGER catalogue_added;
  DROP TRIGGER catalogue_removed;
  DROP TRIGGER catalogue_changed;
  DROP INDEX catalogue_by_time;
  DROP INDEX catalogue_by_customer;
  DROP INDEX catalogue_by_queue;
  DROP INDEX catalogue_by_coverage;
  DROP INDEX catalogue_by_duration;
  DROP TABLE catalogue_agents;
  ALTER TABLE catalogue ADD COLUMN direction TEXT NOT NULL DEFAULT '';
  UPDATE catalogue SET direction = coalesce(manifest ->> '$.call.direction', '');
  CREATE INDEX catalogue_by_time ON catalogue
    (started_at DESC, interaction_id DESC, coverage, queue, duration_ms, customer, direction);
  CREATE INDEX catalogue_by_customer ON catalogue
    (customer, started_at DESC, interaction_id DESC, coverage, queue, duration_ms, direction);
  CREATE INDEX catalogue_by_queue ON catalogue
    (queue, started_at DESC, interaction_id DESC, coverage, duration_ms, customer, direction);
  CREATE INDEX catalogue_by_coverage ON catalogue
    (coverage, started_at DESC, interaction_id DESC, queue, duration_ms, customer, direction);
  CREATE INDEX catalogue_by_direction ON catalogue
    (direction, started_at DESC, interaction_id DESC, coverage, queue, duration_ms, customer);
  CREATE INDEX catalogue_by_duration ON catalogue
    (duration_ms DESC, interaction_id DESC, started_at, coverage, queue, customer, direction);
  CREATE TABLE catalogue_agents (
    agent TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    interaction_id TEXT NOT NULL,
    row INTEGER NOT NULL,              -- of the catalogue
    coverage TEXT NOT NULL,
    queue TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    customer TEXT NOT NULL,
    direction TEXT NOT NULL,
    name TEXT NOT NULL,                -- what the agent was called in this interaction
    PRIMARY KEY (agent, started_at DESC, interaction_id DESC)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO catalogue_agents
    SELECT value ->> 'agent', started_at, interaction_id, catalogue.rowid, coverage, queue, duration_ms, customer,
      direction, value ->> 'name'
    FROM catalogue, json_each(manifest, '$.agents');
  CREATE TRIGGER catalogue_added AFTER INSERT ON catalogue BEGIN
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search);
    INSERT OR IGNORE INTO catalogue_agents SELECT value ->> 'agent', new.started_at, new.interaction_id, new.rowid,
      new.coverage, new.queue, new.duration_ms, new.customer, new.direction, value ->> 'name'
      FROM json_each(new.manifest, '$.agents');
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
    INSERT OR IGNORE INTO catalogue_agents SELECT value ->> 'agent', new.started_at, new.interaction_id, new.rowid,
      new.coverage, new.queue, new.duration_ms, new.customer, new.direction, value ->> 'name'
      FROM json_each(new.manifest, '$.agents');
  END;
  `;
