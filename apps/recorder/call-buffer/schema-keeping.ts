/** How far the recorder's clock has been set since the catalogue was made, so that keeping times do not go by it. */
export const KEEPING_SCHEMA = `
  CREATE TABLE keeping_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    set_forward_ms REAL NOT NULL       -- negative: back
  ) STRICT;
  INSERT INTO keeping_clock VALUES (1, 0);
`;
