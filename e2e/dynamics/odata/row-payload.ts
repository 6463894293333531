import { type Cell, type ColumnType, type EntityType, propertyName } from "../dataverse/columns.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { entityTypeOfSet } from "../dataverse/entity-types.ts";
import { badPayload, badQuery, invalidArgument, notSimulated, unknownRow } from "./dataverse-error.ts";

const BIND = "@odata.bind";
/** `/set(id)`, `set(id)`, or either behind the Web API's URL. */
const REFERENCE = /^(?:https?:\/\/[^/]+\/api\/data\/v9\.\d\/|\/)?(\w+)\(([0-9a-fA-F-]{36})\)$/;
/** What the platform alone writes. */
const READ_ONLY: readonly string[] = ["createdon", "modifiedon", "versionnumber", "isauthvalueset"];

/**
 * The cells that the JSON of a POST or PATCH writes: properties by column, lookups as `navigation@odata.bind`.
 *
 * @throws DataverseError 400 for properties that the table does not have, values of another type and malformed
 *   references; 404 for references to rows that are not there.
 */
export function cellsOfPayload(
  payload: unknown,
  entity: EntityType,
  store: DataverseStore,
): Record<string, Cell> {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw badPayload(entity.set, "Expected a JSON object.");
  }
  const cells: Record<string, Cell> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (name.startsWith("@")) continue; // @odata.type and the like say what the path says already.
    if (name.endsWith(BIND)) {
      const navigation = name.slice(0, -BIND.length);
      const { column, target } = findNavigation(entity, navigation);
      cells[column] = boundId(value, name, target, store);
    } else if (!name.includes("@")) cells[name] = plainCell(entity, name, value);
  }
  return cells;
}

/** A lookup's single-valued navigation properties: one per target table where there are several. */
function findNavigation(entity: EntityType, navigation: string): { column: string; target: string } {
  for (const [column, type] of Object.entries(entity.columns)) {
    if (type.kind !== "lookup") continue;
    for (const target of type.targets) {
      const name = type.targets.length === 1 ? column : `${column}_${target}`;
      if (name === navigation) return { column, target };
    }
  }
  throw badPayload(
    entity.set,
    `An undeclared property '${navigation}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
  );
}

function boundId(value: unknown, name: string, target: string, store: DataverseStore): string | null {
  if (value === null) return null;
  const [, set, id] = REFERENCE.exec(typeof value === "string" ? value : "") ?? [];
  const entity = set === undefined ? undefined : entityTypeOfSet(set);
  if (entity === undefined || id === undefined) {
    throw badQuery(`Invalid value ${JSON.stringify(value)} for ${name}; expected '/set(id)'.`);
  }
  if (entity.logicalName !== target) {
    throw badQuery(`The entity set '${entity.set}' of ${name} is not of type '${target}'.`);
  }
  if (store.get(entity, id) === undefined) throw unknownRow(entity.logicalName, id);
  return id.toLowerCase();
}

function plainCell(entity: EntityType, name: string, value: unknown): Cell {
  const type = Object.hasOwn(entity.columns, name) ? entity.columns[name] : undefined;
  if (type === undefined) {
    if (isLookupValue(entity, name)) {
      throw badQuery(
        "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.",
      );
    }
    throw badPayload(
      entity.set,
      `Invalid property '${name}' was found in entity 'Microsoft.Dynamics.CRM.${entity.logicalName}'.`,
    );
  }
  if (READ_ONLY.includes(name)) throw invalidArgument(`The property '${name}' cannot be written.`);
  if (type.kind === "lookup") throw notSimulated(`writing a row through '${name}' (deep insert)`);
  return value === null ? null : typedCell(entity, name, type, value);
}

function isLookupValue(entity: EntityType, name: string): boolean {
  return Object.entries(entity.columns).some(
    ([column, type]) => type.kind === "lookup" && propertyName(column, type) === name,
  );
}

function typedCell(entity: EntityType, name: string, type: ColumnType, value: unknown): Cell {
  switch (type.kind) {
    case "string":
    case "secret":
      if (typeof value === "string") return value;
      break;
    case "guid":
      if (typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
        return value;
      break;
    case "boolean":
      if (typeof value === "boolean") return value;
      break;
    case "integer":
    case "bigint":
      if (typeof value === "number" && Number.isInteger(value)) return value;
      break;
    case "choice":
      if (typeof value !== "number" || !Number.isInteger(value)) break;
      if (Object.hasOwn(type.labels, value)) return value;
      throw invalidArgument(
        `A validation error occurred. The value ${value} of '${name}' on record of type '${entity.logicalName}' is outside the valid range. Accepted Values: ${Object.keys(type.labels).join(",")}`,
      );
    case "datetime":
    case "choices":
    case "lookup":
    case "file":
      throw notSimulated(`writing '${name}'`);
  }
  throw badPayload(
    entity.set,
    `Cannot convert the literal '${String(value)}' to the expected type '${EDM_TYPES[type.kind]}'.`,
  );
}

const EDM_TYPES = {
  string: "Edm.String",
  secret: "Edm.String",
  guid: "Edm.Guid",
  boolean: "Edm.Boolean",
  integer: "Edm.Int32",
  bigint: "Edm.Int64",
  choice: "Edm.Int32",
} as const;
