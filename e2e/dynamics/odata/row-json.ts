import {
  type Cell,
  type ColumnType,
  columnOfProperty,
  type EntityType,
  propertyName,
  type Row,
} from "../dataverse/columns.ts";
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
): Record<string, Cell> {
  const all = Object.entries(entity.columns).map(([column, type]) => propertyName(column, type));
  const names = select === null ? all : [...new Set([...select, entity.key])];
  const json: Record<string, Cell> = { "@odata.etag": `W/"${row["versionnumber"]}"` };
  for (const name of names) {
    const found = columnOfProperty(entity, name);
    if (found === undefined) continue;
    const cell = row[found.column] ?? null;
    for (const [annotation, value] of annotationsOf(found.column, found.type, cell, resolveLookup)) {
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
  column: string,
  type: ColumnType,
  cell: Cell,
  resolveLookup: ResolveLookup,
): [annotation: string, value: string][] {
  if (cell === null) return [];
  switch (type.kind) {
    case "choice":
      return [[FORMATTED_VALUE, type.labels[Number(cell)] ?? String(cell)]];
    case "choices": {
      const labels = String(cell)
        .split(",")
        .map((value) => type.labels[Number(value)] ?? value);
      return [[FORMATTED_VALUE, labels.join("; ")]];
    }
    case "boolean":
      return [[FORMATTED_VALUE, cell === true ? "Yes" : "No"]];
    case "integer":
    case "bigint":
      return [[FORMATTED_VALUE, Number(cell).toLocaleString("en-US")]];
    case "datetime":
      return [[FORMATTED_VALUE, new Date(Number(cell)).toLocaleString("en-US", { timeZone: "UTC" })]];
    case "lookup": {
      const target = resolveLookup(type.targets, String(cell));
      if (target === null) return [];
      return [
        [FORMATTED_VALUE, target.name],
        [NAVIGATION_PROPERTY, column],
        [LOOKUP_LOGICAL_NAME, target.logicalName],
      ];
    }
    case "guid":
    case "string":
    case "secret":
    case "file":
      return [];
  }
}
