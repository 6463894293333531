import type { EntityType } from "./columns.ts";
import type { DataverseStore } from "./dataverse-store.ts";
import { ENTITY_TYPES as T } from "./entity-types.ts";

/**
 * The presences that every environment has, with Microsoft's own ids
 * (learn.microsoft.com, "Sync presence status", Dynamics 365 Contact Center).
 */
export const PRESENCE_IDS = {
  available: "f523f628-c07a-e811-8162-000d3aa11f50",
  busy: "efdeb843-c07a-e811-8162-000d3aa11f50",
  "busy-dnd": "08971864-c07a-e811-8162-000d3aa11f50",
  away: "3dacae76-c07a-e811-8162-000d3aa11f50",
  offline: "70139190-c07a-e811-8162-000d3aa11f50",
} as const;

/** `msdyn_presence.msdyn_basepresencestatus`. */
export const BASE_PRESENCE_STATUS = {
  available: 192_360_000,
  busy: 192_360_001,
  "busy-dnd": 192_360_002,
  away: 192_360_003,
  offline: 192_360_004,
} as const;

const PRESENCE_NAMES = {
  available: "Available",
  busy: "Busy",
  "busy-dnd": "Do not disturb",
  away: "Appear away",
  offline: "Offline",
} as const;

/** What steps can be registered for. */
const MESSAGES = ["Create", "Update", "Delete"];
/** Tables whose writes no step can be registered for here. */
const WITHOUT_STEPS: readonly EntityType[] = [
  T.serviceEndpoints,
  T.steps,
  T.stepImages,
  T.messages,
  T.messageFilters,
  T.asyncOperations,
];

/** Writes what an environment has before anybody uses it: presences, messages, and the tables that messages are for. */
export function seedRows(store: DataverseStore): void {
  for (const word of ["available", "busy", "busy-dnd", "away", "offline"] as const) {
    store.insert(T.presences, {
      msdyn_presenceid: PRESENCE_IDS[word],
      msdyn_name: PRESENCE_NAMES[word],
      msdyn_presencestatustext: PRESENCE_NAMES[word],
      msdyn_basepresencestatus: BASE_PRESENCE_STATUS[word],
      statecode: 0,
      statuscode: 1,
    });
  }
  for (const name of MESSAGES) {
    const messageId = store.insert(T.messages, { name });
    for (const { logicalName } of Object.values(T).filter((type) => !WITHOUT_STEPS.includes(type))) {
      store.insert(T.messageFilters, {
        name: logicalName,
        sdkmessageid: messageId,
        primaryobjecttypecode: logicalName,
        iscustomprocessingstepallowed: true,
      });
    }
  }
}
