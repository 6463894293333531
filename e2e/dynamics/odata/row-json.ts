import {
  type Cell,
  type ColumnType,
  columnOfProperty,
  type EntityType,
  propertyName,
  type Row,
} from "../dataverse/columns.ts";
import {
  flagLabel,
  type LabelLanguage,
  localisedLabel,
  localisedNumber,
  localisedTime,
} from "../dataverse/localised-label.ts";
import type { Preferences } from "./prefer.ts";

const FORMATTED_VALUE = "OData.Community.Display.V1.FormattedValue";
const LOOKUP_LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname";
const NAVIGATION_PROPERTY = "Microsoft.Dynamics.CRM.associatednavigationproperty";

/** The table and name of the row that a lookup points to; null when there is no such row. */
export type ResolveLookup = (
  targets: readonly string[],
  id: string,
) => { logicalName: string; name: string } | null;

/**
 * A row as the Web API answers it: `@odata.etag` from its version, the selected properties and always the key;
 * annotations (localised labels) only where `Prefer` asked for them.
 */
export function rowToJson(
  row: Row,
  entity: EntityType,
  select: readonly string[] | null,
  preferences: Preferences,
  resolveLookup: ResolveLookup,
  language: LabelLanguage,
): Record<string, Cell> {
  const all = Object.entries(entity.columns).map(([column, type]) => propertyName(column, type));
  const names = select === null ? all : [...new Set([...select, entity.key])];
  const json: Record<string, Cell> = { "@odata.etag": `W/"${row["versionnumber"]}"` };
  for (const name of names) {
    const found = columnOfProperty(entity, name);
    if (found === undefined) continue;
    const cell = row[found.column] ?? null;
    for (const [annotation, value] of annotationsOf(found, cell, resolveLookup, language)) {
      if (preferences.wantsAnnotation(annotation)) json[`${name}@${annotation}`] = value;
    }
    json[name] = found.type.kind === "datetime" && typeof cell === "number" ? formatSeconds(cell) : cell;
  }
  return json;
}

/** Dataverse's form of a time: whole seconds, UTC. */
function formatSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

function annotationsOf(
  { column, type }: { column: string; type: ColumnType },
  cell: Cell,
  resolveLookup: ResolveLookup,
  language: LabelLanguage,
): [annotation: string, value: string][] {
  if (cell === null) return [];
  const label = formattedValue(type, cell, resolveLookup, language);
  if (label === null) return [];
  if (type.kind !== "lookup") return [[FORMATTED_VALUE, label]];
  return [
    [FORMATTED_VALUE, label],
    [NAVIGATION_PROPERTY, column],
    [LOOKUP_LOGICAL_NAME, resolveLookup(type.targets, String(cell))?.logicalName ?? ""],
  ];
}

/** What a user reads in place of a value; null for what is shown as it is, and for lookups into other tables. */
export function formattedValue(
  type: ColumnType,
  cell: Exclude<Cell, null>,
  resolveLookup: ResolveLookup,
  language: LabelLanguage,
): string | null {
  switch (type.kind) {
    case "choice":
      return localisedLabel(type.labels, Number(cell), language);
    case "choices": {
      const labels = String(cell)
        .split(",")
        .map((value) => localisedLabel(type.labels, Number(value), language));
      return labels.join("; ");
    }
    case "boolean":
      return flagLabel(cell === true, language);
    case "integer":
    case "bigint":
      return localisedNumber(Number(cell), language);
    case "datetime":
      return localisedTime(Number(cell), language);
    case "lookup":
      return resolveLookup(type.targets, String(cell))?.name ?? null;
    case "guid":
    case "string":
    case "secret":
    case "file":
      return null;
  }
}
