import * as labels from "./choice-labels.ts";
import {
  choice,
  flag,
  guid,
  integer,
  lookup,
  PLAIN_STATE,
  SYSTEM_COLUMNS,
  text,
  time,
} from "./column-kinds.ts";
import type { EntityType } from "./columns.ts";

export const users: EntityType = {
  set: "systemusers",
  logicalName: "systemuser",
  key: "systemuserid",
  primaryName: "fullname",
  columns: {
    systemuserid: guid,
    fullname: text,
    domainname: text,
    internalemailaddress: text,
    azureactivedirectoryobjectid: guid,
    isdisabled: flag,
    /** Set for bots, null for people. */
    msdyn_botapplicationid: text,
    ...SYSTEM_COLUMNS,
  },
};

export const queues: EntityType = {
  set: "queues",
  logicalName: "queue",
  key: "queueid",
  primaryName: "name",
  columns: { queueid: guid, name: text, ...SYSTEM_COLUMNS, ...PLAIN_STATE },
};

export const presences: EntityType = {
  set: "msdyn_presences",
  logicalName: "msdyn_presence",
  key: "msdyn_presenceid",
  primaryName: "msdyn_name",
  columns: {
    msdyn_presenceid: guid,
    msdyn_name: text,
    msdyn_presencestatustext: text,
    ...SYSTEM_COLUMNS,
    msdyn_basepresencestatus: choice(labels.BASE_PRESENCES),
    ...PLAIN_STATE,
  },
};

/** One row per agent, rewritten with every change. */
export const agentStatuses: EntityType = {
  set: "msdyn_agentstatuses",
  logicalName: "msdyn_agentstatus",
  key: "msdyn_agentstatusid",
  primaryName: "msdyn_name",
  columns: {
    msdyn_agentstatusid: guid,
    msdyn_name: text,
    ...SYSTEM_COLUMNS,
    msdyn_agentid: lookup("systemuser"),
    msdyn_currentpresenceid: lookup("msdyn_presence"),
    msdyn_isagentloggedin: flag,
    msdyn_presencemodifiedon: time,
    msdyn_presencemodifiedonwithmilliseconds: text,
    /** AGENT or SYSTEM. */
    msdyn_presencemodifiedby: text,
    msdyn_availableunitscapacity: integer,
    msdyn_assignedconversationcount: integer,
    msdyn_eventname: choice(labels.AGENT_STATUS_EVENTS),
    msdyn_subeventname: choice(labels.AGENT_STATUS_SUBEVENTS),
    ...PLAIN_STATE,
  },
};

/** A new row with every change of an agent's presence or capacity. */
export const agentStatusHistory: EntityType = {
  set: "msdyn_agentstatushistories",
  logicalName: "msdyn_agentstatushistory",
  key: "msdyn_agentstatushistoryid",
  primaryName: "msdyn_name",
  columns: {
    msdyn_agentstatushistoryid: guid,
    msdyn_name: text,
    ...SYSTEM_COLUMNS,
    msdyn_agentid: lookup("systemuser"),
    msdyn_presenceid: lookup("msdyn_presence"),
    msdyn_starttime: time,
    msdyn_endtime: time,
    msdyn_availablecapacity: integer,
    msdyn_isagentloggedin: flag,
    ...PLAIN_STATE,
  },
};
