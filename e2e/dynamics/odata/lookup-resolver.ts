import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { entityTypeOfLogicalName } from "../dataverse/entity-types.ts";
import type { ResolveLookup } from "./row-json.ts";

/** Names what a lookup points to, as far as the row is in a table of the simulator. */
export function lookupResolver(store: DataverseStore): ResolveLookup {
  return (targets, id) => {
    for (const logicalName of targets) {
      const entity = entityTypeOfLogicalName(logicalName);
      const row = entity === undefined ? undefined : store.get(entity, id);
      if (entity !== undefined && row !== undefined) {
        return { logicalName, name: String(row[entity.primaryName] ?? "") };
      }
    }
    return null;
  };
}
