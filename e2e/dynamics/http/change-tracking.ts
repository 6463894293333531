import type { EntityType, Row } from "../dataverse/columns.ts";
import { ENTITY_TYPES } from "../dataverse/entity-types.ts";
import type { Preferences } from "../odata/prefer.ts";
import { DataverseError, invalidArgument } from "../odata/dataverse-error.ts";
import type { QueryOptions } from "../odata/query-options.ts";
import { BEGUN } from "../odata/skip-token.ts";
import type { WebApiParts } from "./web-api-parts.ts";

/** A query for changes: which rows it is about, and how it is gone on with. */
export interface ChangeQuery {
  readonly rows: readonly Row[];
  /** Entries for what is gone; they are on the last page. */
  readonly deleted: readonly Record<string, unknown>[];
  /** What a link to the next page of this query needs besides. */
  readonly carried: string;
  /** Ends the link to what changes after this query was begun. */
  readonly deltaToken: string;
}

/** Whether a table's changes can be asked for. */
export function tracksChanges(parts: WebApiParts, entity: EntityType): boolean {
  return entity === ENTITY_TYPES.recordings && parts.faults.settings.changeTracking.enabled;
}

/**
 * What `Prefer: odata.track-changes`, or a delta link, asks for (learn.microsoft.com, "Use change tracking to synchronize data
 * with external systems").
 *
 * @returns null when the query asks for no changes.
 * @throws DataverseError 400 where changes are not tracked, with options other than `$select`, and for an old link.
 */
export function readChangeQuery(
  parts: WebApiParts,
  entity: EntityType,
  query: string,
  options: QueryOptions,
  preferences: Preferences,
): ChangeQuery | null {
  if (options.deltaToken === null && !preferences.wantsChanges) return null;
  if (!tracksChanges(parts, entity))
    throw invalidArgument(`Change tracking is not enabled for ${entity.logicalName}.`);
  const parameters = new URLSearchParams(query);
  const refused = ["$filter", "$orderby", "$top", "$expand"].find((name) => parameters.has(name));
  if (refused !== undefined) throw invalidArgument(`${refused} is not supported with change tracking.`);
  const since = options.deltaToken === null ? 0 : readToken(parts, options.deltaToken);
  const begun = Number(parameters.get(BEGUN) ?? parts.store.version);
  const deleted = since === 0 ? [] : parts.store.deletedSince(entity, since);
  return {
    rows: parts.store.rows(entity).filter((row) => Number(row["versionnumber"]) > since),
    deleted: deleted.map(({ id }) => ({
      "@odata.context": `${parts.url()}/api/data/v9.2/$metadata#${entity.set}/$deletedEntity`,
      id,
      reason: "deleted",
    })),
    carried: `&${BEGUN}=${begun}`,
    deltaToken: encodeURIComponent(`${begun}!${new Date(parts.clock.now()).toISOString()}`),
  };
}

/** The version that a delta token stands for. */
function readToken(parts: WebApiParts, token: string): number {
  const [version, issued] = token.split("!");
  const ageMs = parts.clock.now() - Date.parse(issued ?? "");
  if (ageMs <= parts.faults.settings.changeTracking.linkLifetimeS * 1_000) return Number(version);
  const message = "Version stamp associated with the client has expired. Please perform a full sync.";
  throw new DataverseError(400, "0x80044352", message);
}
