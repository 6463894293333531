import { createHash } from "node:crypto";
import type { EntityType } from "../dataverse/columns.ts";
import { entityTypeOfLogicalName } from "../dataverse/entity-types.ts";
import { badQuery, DataverseError, notSimulated } from "../odata/dataverse-error.ts";
import { tracksChanges } from "./change-tracking.ts";
import { WEB_API_PATH, type WebApiParts } from "./web-api-parts.ts";

/**
 * `EntityDefinitions(LogicalName='…')?$select=…`: what a table is called, and whether its changes are tracked.
 *
 * @param key - what is in the parentheses.
 * @throws DataverseError 404 for a table that is not there, 501 for definitions other than these.
 */
export function entityDefinition(
  parts: WebApiParts,
  key: string,
  query: URLSearchParams,
): Record<string, unknown> {
  const name = /^LogicalName='(\w+)'$/.exec(key)?.[1];
  if (name === undefined) throw badQuery(`Syntax error in the key of EntityDefinitions at '${key}'.`);
  const entity = entityTypeOfLogicalName(name);
  if (entity === undefined) {
    throw new DataverseError(404, "0x80060888", `Could not find an entity with name ${name}.`);
  }
  const select = query.get("$select");
  const known = definitionOf(entity, tracksChanges(parts, entity));
  const names = select === null ? Object.keys(known) : select.split(",").map((one) => one.trim());
  const missing = names.find((one) => !Object.hasOwn(known, one));
  if (missing !== undefined) throw notSimulated(`the property ${missing} of EntityDefinitions`);
  const columns = select === null ? "" : `(${names.join(",")})`;
  return {
    "@odata.context": `${parts.url()}${WEB_API_PATH}/$metadata#EntityDefinitions${columns}/$entity`,
    ...Object.fromEntries(names.map((one) => [one, known[one]])),
    MetadataId: known["MetadataId"],
  };
}

function definitionOf(entity: EntityType, isTracked: boolean): Record<string, unknown> {
  return {
    LogicalName: entity.logicalName,
    EntitySetName: entity.set,
    PrimaryIdAttribute: entity.key,
    PrimaryNameAttribute: entity.primaryName,
    ChangeTrackingEnabled: isTracked,
    MetadataId: guidOf(entity.logicalName),
  };
}

/** The same guid for the same name, in the form of a random one. */
function guidOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
