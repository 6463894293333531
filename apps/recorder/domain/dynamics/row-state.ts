import type { EpochMs } from "#shared/time/units.ts";

/**
 * A column's value in the one form that webhooks and the Web API are read into: times as epoch ms cut to whole seconds,
 * guids in lower case, a choice as its number, several choices as a list of numbers.
 */
export type RowCell = string | number | boolean | null | readonly number[];

/** Columns by Dataverse's own (logical) names. */
export type RowCells = Readonly<Record<string, RowCell>>;

/** A row as one webhook post or one read shows it: all of its columns, or only some. */
export interface RowState {
  id: string;
  /** `versionnumber`, a webhook's `RowVersion`; null when the post has none. */
  version: number | null;
  /** `modifiedon`, else the post's `OperationCreatedOn`: orders states where versions are missing. */
  modifiedAt: EpochMs;
  /** A read shows the row as it is stored; a post may have been made by a step with too thin an image. */
  source: "read" | "post";
  cells: RowCells;
  /** The columns that this very write wrote; null for a read, which cannot know. */
  written: readonly string[] | null;
}

/** A column's value, and the version of the row that showed it. */
export interface MirroredCell {
  value: RowCell;
  version: number;
  source: "read" | "post";
}

/** What is known of a row: of every column the newest value seen. JSON as it is. */
export interface MirroredRow {
  id: string;
  /** The newest version of which anything was seen. */
  version: number;
  modifiedAt: EpochMs;
  cells: Readonly<Record<string, MirroredCell>>;
}
