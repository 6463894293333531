/**
 * What is missing of which interaction, and why: what the ledger is read from, so that none has to read manifests by the
 * million. `missing_of` is this program's: a manifest's {@link missingOf} as JSON.
 */
export const LEDGER_MIGRATION = `
  CREATE TABLE ledger_missing (
    reason TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    interaction_id TEXT NOT NULL,
    row INTEGER NOT NULL,              -- of the catalogue
    coverage TEXT NOT NULL,
    ms INTEGER NOT NULL,
    detail TEXT,
    PRIMARY KEY (reason, started_at DESC, interaction_id DESC)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ledger_missing_of ON ledger_missing (interaction_id);
  INSERT INTO ledger_missing
    SELECT value ->> 'reason', started_at, interaction_id, catalogue.rowid, coverage, value ->> 'ms', value ->> 'detail'
    FROM catalogue, json_each(missing_of(manifest))
    WHERE coverage <> 'recorded' OR manifest ->> '$.audio' IS NULL;
  CREATE TRIGGER ledger_missing_came AFTER INSERT ON catalogue BEGIN
    INSERT INTO ledger_missing SELECT value ->> 'reason', new.started_at, new.interaction_id, new.rowid, new.coverage,
      value ->> 'ms', value ->> 'detail' FROM json_each(missing_of(new.manifest));
  END;
  CREATE TRIGGER ledger_missing_changed AFTER UPDATE OF started_at, coverage, manifest ON catalogue BEGIN
    DELETE FROM ledger_missing WHERE interaction_id = old.interaction_id;
    INSERT INTO ledger_missing SELECT value ->> 'reason', new.started_at, new.interaction_id, new.rowid, new.coverage,
      value ->> 'ms', value ->> 'detail' FROM json_each(missing_of(new.manifest));
  END;
  CREATE TRIGGER ledger_missing_went AFTER DELETE ON catalogue BEGIN
    DELETE FROM ledger_missing WHERE interaction_id = old.interaction_id;
  END;
  `;
