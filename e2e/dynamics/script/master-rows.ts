import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES } from "../dataverse/entity-types.ts";
import type { ScriptedAgent } from "./call-script.ts";

/** The id of an agent's `systemuser`, found by Entra object id, made when it is not there. */
export function upsertUser(store: DataverseStore, agent: ScriptedAgent): string {
  const entraId = agent.entraId.toLowerCase();
  const known = store.find(ENTITY_TYPES.users, (row) => row["azureactivedirectoryobjectid"] === entraId);
  if (known !== undefined) return String(known["systemuserid"]);
  return store.insert(ENTITY_TYPES.users, {
    fullname: agent.name,
    domainname: agent.upn,
    internalemailaddress: agent.upn,
    azureactivedirectoryobjectid: entraId,
    isdisabled: false,
  });
}

/** The id of a queue by its name, made when it is not there. */
export function upsertQueue(store: DataverseStore, name: string): string {
  const known = store.find(ENTITY_TYPES.queues, (row) => row["name"] === name);
  if (known !== undefined) return String(known["queueid"]);
  return store.insert(ENTITY_TYPES.queues, { name, statecode: 0, statuscode: 1 });
}
