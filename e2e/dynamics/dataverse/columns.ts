/** What a column holds, and with it how it is printed, compared and labelled. */
export type ColumnType =
  | { readonly kind: "guid" | "string" | "integer" | "bigint" | "boolean" | "datetime" }
  /** Text that is written and never read. */
  | { readonly kind: "secret" }
  /** One number of an option set. */
  | { readonly kind: "choice"; readonly labels: Readonly<Record<number, string>> }
  /** Several numbers of an option set, read as a comma-joined string. */
  | { readonly kind: "choices"; readonly labels: Readonly<Record<number, string>> }
  /** A reference to a row; read and filtered as `_{column}_value`. */
  | { readonly kind: "lookup"; readonly targets: readonly string[] }
  /** A stored file; the cell holds the file's id, `{column}_name` its name. */
  | { readonly kind: "file" };

/** A cell as stored: date-times are epoch ms in whole seconds, lookups, files and ids are guids in lower case. */
export type Cell = string | number | boolean | null;

/** A row by column name. */
export type Row = Readonly<Record<string, Cell>>;

/** A table as the Web API shows it. */
export interface EntityType {
  /** e.g. `msdyn_ocrecordings`, the segment in URLs. */
  readonly set: string;
  /** e.g. `msdyn_ocrecording`. */
  readonly logicalName: string;
  /** The primary key's column. */
  readonly key: string;
  /** The column that stands for the row in lookups' formatted values. */
  readonly primaryName: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** `_{column}_value` for a lookup, the column's own name for the others. */
export function propertyName(column: string, type: ColumnType): string {
  return type.kind === "lookup" ? `_${column}_value` : column;
}

/** The column that a property of a query or an answer belongs to; undefined when there is none that can be read. */
export function columnOfProperty(
  entity: EntityType,
  property: string,
): { column: string; type: ColumnType } | undefined {
  const column = /^_(.+)_value$/.exec(property)?.[1] ?? property;
  const type = Object.hasOwn(entity.columns, column) ? entity.columns[column] : undefined;
  if (type === undefined || type.kind === "secret") return undefined;
  return propertyName(column, type) === property ? { column, type } : undefined;
}
