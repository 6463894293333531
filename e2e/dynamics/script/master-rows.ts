import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES } from "../dataverse/entity-types.ts";
import { BASE_PRESENCE_STATUS, PRESENCE_IDS } from "../dataverse/seed-rows.ts";
import type { ScriptedAgent } from "./call-script.ts";
import type { Presence } from "./call-step.ts";

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
    msdyn_botapplicationid: agent.bot === true ? `${agent.name} (bot)` : null,
  });
}

/** The id of a queue by its name, made when it is not there. */
export function upsertQueue(store: DataverseStore, name: string): string {
  const known = store.find(ENTITY_TYPES.queues, (row) => row["name"] === name);
  if (known !== undefined) return String(known["queueid"]);
  return store.insert(ENTITY_TYPES.queues, { name, statecode: 0, statuscode: 1 });
}

/** The id of a presence: Dynamics' own, or one that an administrator gave a name, made when it is not there. */
export function upsertPresence(store: DataverseStore, base: Presence, called?: string): string {
  if (called === undefined) return PRESENCE_IDS[base];
  const status = BASE_PRESENCE_STATUS[base];
  const known = store.find(
    ENTITY_TYPES.presences,
    (row) => row["msdyn_name"] === called && row["msdyn_basepresencestatus"] === status,
  );
  if (known !== undefined) return String(known["msdyn_presenceid"]);
  return store.insert(ENTITY_TYPES.presences, {
    msdyn_name: called,
    msdyn_presencestatustext: called,
    msdyn_basepresencestatus: status,
    statecode: 0,
    statuscode: 1,
  });
}
