import type { MirroredCell, MirroredRow, RowState } from "./row-state.ts";

/** What a state of a row does to what is known of the row. */
export type RowMerge =
  /** Something of it is new: this is the row now. `missing` names the columns nothing is known of: re-read if any. */
  | { kind: "merged"; row: MirroredRow; missing: readonly string[] }
  /** Everything in it was known already, or is older. */
  | { kind: "known"; row: MirroredRow; missing: readonly string[] }
  /** It cannot be placed: it has no version, and its time does not say whether it is newer. The row must be re-read. */
  | { kind: "unplaced"; row: MirroredRow; missing: readonly string[] };

/**
 * Adds a state of a row to what is known of it. The newest version wins, column by column, so the result is the same in
 * whatever order the states come, and a post with only the written columns leaves the others as they were. A read beats
 * a post of the same version.
 *
 * @param columns - that the row's reader needs (`columnsOf` in row-schemas.ts): a row that misses some is not usable.
 */
export function mergeRow(
  known: MirroredRow | null,
  incoming: RowState,
  columns: readonly string[],
): RowMerge {
  const row = known ?? { id: incoming.id, version: 0, modifiedAt: 0, cells: {} };
  const missing = (of: MirroredRow) => columns.filter((column) => of.cells[column] === undefined);
  const version = placeVersion(known, incoming);
  if (version === null) return { kind: "unplaced", row, missing: missing(row) };
  const cells = { ...row.cells };
  let isNews = known === null || version > known.version;
  for (const [column, value] of Object.entries(incoming.cells)) {
    const old = cells[column];
    if (old !== undefined && !isNewer(incoming, version, old)) continue;
    cells[column] = { value, version, source: incoming.source };
    isNews = true;
  }
  if (!isNews) return { kind: "known", row, missing: missing(row) };
  const merged: MirroredRow = {
    id: row.id,
    version: Math.max(row.version, version),
    modifiedAt: Math.max(row.modifiedAt, incoming.modifiedAt),
    cells,
  };
  return { kind: "merged", row: merged, missing: missing(merged) };
}

/**
 * The version to file a state under. One without a version comes after all that is known if its second is a later one;
 * then it takes the newest known version, so that the next read beats it. Null: nothing says where it belongs.
 */
function placeVersion(known: MirroredRow | null, incoming: RowState): number | null {
  if (incoming.version !== null) return incoming.version;
  if (known === null) return 0;
  return incoming.modifiedAt > known.modifiedAt ? known.version : null;
}

function isNewer(incoming: RowState, version: number, old: MirroredCell): boolean {
  if (version !== old.version) return version > old.version;
  return incoming.version === null || (incoming.source === "read" && old.source === "post");
}
