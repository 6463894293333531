/**
 * What people said about an interaction, beside the interaction itself: `q` finds by it, for those who may read it.
 * `folded_text` is this program's: a text in lower case, as the catalogue's own texts are.
 */
export const NOTE_SEARCH_MIGRATION = `
  ALTER TABLE catalogue ADD COLUMN notes TEXT NOT NULL DEFAULT '';
  -- All comments and tags of an interaction, each on a line of its own that begins with the line's end.
  CREATE VIEW noted AS SELECT interaction_id, folded_text(group_concat(char(10) || text || coalesce(
    (SELECT group_concat(char(10) || value, '') FROM json_each(notes.tags)), ''), '')) AS text
    FROM notes GROUP BY interaction_id;
  DROP TRIGGER catalogue_added;
  DROP TRIGGER catalogue_changed;
  DROP TRIGGER catalogue_grams_added;
  DROP TRIGGER catalogue_grams_changed;
  CREATE TRIGGER catalogue_added AFTER INSERT ON catalogue BEGIN
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search || new.notes);
    INSERT OR IGNORE INTO catalogue_agents SELECT value ->> 'agent', new.started_at, new.interaction_id, new.rowid,
      new.coverage, new.queue, new.duration_ms, new.customer, new.direction, value ->> 'name'
      FROM json_each(new.manifest, '$.agents');
  END;
  CREATE TRIGGER catalogue_changed AFTER UPDATE OF started_at, search ON catalogue BEGIN
    DELETE FROM catalogue_agents WHERE started_at = old.started_at AND interaction_id = old.interaction_id
      AND agent IN (SELECT value FROM json_each(old.agents));
    INSERT OR IGNORE INTO catalogue_agents SELECT value ->> 'agent', new.started_at, new.interaction_id, new.rowid,
      new.coverage, new.queue, new.duration_ms, new.customer, new.direction, value ->> 'name'
      FROM json_each(new.manifest, '$.agents');
  END;
  CREATE TRIGGER catalogue_text_changed AFTER UPDATE OF search, notes ON catalogue BEGIN
    DELETE FROM catalogue_text WHERE rowid = old.rowid;
    INSERT INTO catalogue_text (rowid, search) VALUES (new.rowid, new.search || new.notes);
  END;
  CREATE TRIGGER catalogue_grams_added AFTER INSERT ON catalogue BEGIN
    INSERT INTO catalogue_grams SELECT value FROM json_each(new_grams_of(new.search || new.notes)) WHERE true
      ON CONFLICT DO NOTHING;
  END;
  CREATE TRIGGER catalogue_grams_changed AFTER UPDATE OF search, notes ON catalogue BEGIN
    INSERT INTO catalogue_grams SELECT value FROM json_each(new_grams_of(new.search || new.notes)) WHERE true
      ON CONFLICT DO NOTHING;
  END;
  CREATE TRIGGER note_came AFTER INSERT ON notes BEGIN
    UPDATE catalogue SET notes = coalesce((SELECT text FROM noted WHERE interaction_id = new.interaction_id), '')
      WHERE interaction_id = new.interaction_id;
  END;
  CREATE TRIGGER note_went AFTER DELETE ON notes BEGIN
    UPDATE catalogue SET notes = coalesce((SELECT text FROM noted WHERE interaction_id = old.interaction_id), '')
      WHERE interaction_id = old.interaction_id;
  END;
  UPDATE catalogue SET notes = (SELECT text FROM noted WHERE noted.interaction_id = catalogue.interaction_id)
    WHERE interaction_id IN (SELECT interaction_id FROM notes);
  `;
