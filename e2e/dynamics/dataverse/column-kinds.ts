import { STATE_CODES, STATUS_CODES } from "./choice-labels.ts";
import type { ColumnType } from "./columns.ts";

export const guid: ColumnType = { kind: "guid" };
export const text: ColumnType = { kind: "string" };
/** Written and never read: a secret. */
export const secret: ColumnType = { kind: "secret" };
export const integer: ColumnType = { kind: "integer" };
export const flag: ColumnType = { kind: "boolean" };
export const time: ColumnType = { kind: "datetime" };
export const file: ColumnType = { kind: "file" };
export const lookup = (...targets: string[]): ColumnType => ({ kind: "lookup", targets });
export const choice = (of: Record<number, string>): ColumnType => ({ kind: "choice", labels: of });
export const choices = (of: Record<number, string>): ColumnType => ({ kind: "choices", labels: of });

/** Columns that the platform writes itself. */
export const SYSTEM_COLUMNS = {
  createdon: time,
  modifiedon: time,
  versionnumber: { kind: "bigint" },
} satisfies Record<string, ColumnType>;

export const PLAIN_STATE = { statecode: choice(STATE_CODES), statuscode: choice(STATUS_CODES) };
