import { agentStatuses, agentStatusHistory, presences, queues, users } from "./agent-tables.ts";
import {
  conversations,
  participantEvents,
  participants,
  phoneContexts,
  recordings,
  sessionEvents,
  sessions,
} from "./conversation-tables.ts";
import type { EntityType } from "./columns.ts";
import {
  asyncOperations,
  messageFilters,
  messages,
  serviceEndpoints,
  stepImages,
  steps,
} from "./registration-tables.ts";

/** The tables that the simulator has, with the columns that Deskreel reads and their nearest neighbours. */
export const ENTITY_TYPES = {
  conversations,
  sessions,
  participants,
  sessionEvents,
  participantEvents,
  recordings,
  phoneContexts,
  users,
  queues,
  presences,
  agentStatuses,
  agentStatusHistory,
  serviceEndpoints,
  steps,
  stepImages,
  messages,
  messageFilters,
  asyncOperations,
} as const;

const BY_SET = new Map(Object.values(ENTITY_TYPES).map((type) => [type.set, type]));
const BY_LOGICAL_NAME = new Map(Object.values(ENTITY_TYPES).map((type) => [type.logicalName, type]));

/** The table behind an entity set's name. */
export function entityTypeOfSet(set: string): EntityType | undefined {
  return BY_SET.get(set);
}

/** The table by its logical name; undefined for tables that the simulator does not have. */
export function entityTypeOfLogicalName(name: string): EntityType | undefined {
  return BY_LOGICAL_NAME.get(name);
}
