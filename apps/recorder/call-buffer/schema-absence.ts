/** What more is known of why nothing of a recording is there; null: nothing. */
export const ABSENCE_SCHEMA = `
  ALTER TABLE recordings ADD COLUMN absence_detail TEXT;
`;
