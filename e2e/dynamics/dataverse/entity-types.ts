import * as labels from "./choice-labels.ts";
import type { ColumnType, EntityType } from "./columns.ts";

const guid: ColumnType = { kind: "guid" };
const text: ColumnType = { kind: "string" };
const integer: ColumnType = { kind: "integer" };
const flag: ColumnType = { kind: "boolean" };
const time: ColumnType = { kind: "datetime" };
const file: ColumnType = { kind: "file" };
const lookup = (...targets: string[]): ColumnType => ({ kind: "lookup", targets });
const choice = (of: Record<number, string>): ColumnType => ({ kind: "choice", labels: of });

/** Columns that the platform writes itself. */
const SYSTEM_COLUMNS = {
  createdon: time,
  modifiedon: time,
  versionnumber: { kind: "bigint" },
} satisfies Record<string, ColumnType>;

const PLAIN_STATE = { statecode: choice(labels.STATE_CODES), statuscode: integer };

const conversations: EntityType = {
  set: "msdyn_ocliveworkitems",
  logicalName: "msdyn_ocliveworkitem",
  key: "activityid",
  primaryName: "subject",
  columns: {
    activityid: guid,
    msdyn_ocliveworkitemid: text,
    msdyn_title: text,
    subject: text,
    ...SYSTEM_COLUMNS,
    msdyn_createdon: time,
    msdyn_modifiedon: time,
    msdyn_initiatedon: time,
    msdyn_startedon: time,
    msdyn_activeagentassignedon: time,
    msdyn_wrapupinitiatedon: time,
    msdyn_closedon: time,
    msdyn_statusupdatedon: time,
    msdyn_activeagentid: lookup("systemuser"),
    msdyn_lastsessionid: lookup("msdyn_ocsession"),
    msdyn_cdsqueueid: lookup("queue"),
    msdyn_isoutbound: flag,
    msdyn_isagentaccepted: flag,
    msdyn_isabandoned: flag,
    msdyn_transfercount: integer,
    msdyn_channel: { kind: "choices", labels: labels.CHANNELS },
    msdyn_statuschangereason: choice(labels.STATUS_CHANGE_REASONS),
    msdyn_conversationactivitystate: choice(labels.ACTIVITY_STATES),
    statecode: choice(labels.CONVERSATION_STATES),
    statuscode: choice(labels.CONVERSATION_STATUSES),
  },
};

const sessions: EntityType = {
  set: "msdyn_ocsessions",
  logicalName: "msdyn_ocsession",
  key: "activityid",
  primaryName: "subject",
  columns: {
    activityid: guid,
    msdyn_sessionid: text,
    subject: text,
    ...SYSTEM_COLUMNS,
    msdyn_liveworkitemid: lookup("msdyn_ocliveworkitem"),
    msdyn_cdsqueueid: lookup("queue"),
    msdyn_channel: { kind: "choices", labels: labels.CHANNELS },
    msdyn_primarysession: flag,
    msdyn_queueassignedon: time,
    msdyn_agentassignedon: time,
    msdyn_agentacceptedon: time,
    msdyn_sessioncreatedon: time,
    msdyn_sessionclosedon: time,
    msdyn_wrapupinitiatedon: time,
    msdyn_sessioncreationreason: choice(labels.SESSION_CREATION_REASONS),
    msdyn_closurereason: choice(labels.CLOSURE_REASONS),
    statecode: choice(labels.SESSION_STATES),
    statuscode: choice(labels.SESSION_STATUSES),
  },
};

const participants: EntityType = {
  set: "msdyn_sessionparticipants",
  logicalName: "msdyn_sessionparticipant",
  key: "msdyn_sessionparticipantid",
  primaryName: "msdyn_name",
  columns: {
    msdyn_sessionparticipantid: guid,
    msdyn_name: text,
    ...SYSTEM_COLUMNS,
    msdyn_omnichannelsession: lookup("msdyn_ocsession"),
    msdyn_agentid: lookup("systemuser"),
    msdyn_activedirectoryuserid: text,
    msdyn_cdsqueueid: lookup("queue"),
    msdyn_mode: choice(labels.PARTICIPANT_MODES),
    msdyn_addedon: time,
    msdyn_joinedon: time,
    msdyn_lefton: time,
    msdyn_leftonreason: text,
    msdyn_startholdtime: time,
    msdyn_holdtime: integer,
    ...PLAIN_STATE,
  },
};

const recordings: EntityType = {
  set: "msdyn_ocrecordings",
  logicalName: "msdyn_ocrecording",
  key: "msdyn_ocrecordingid",
  primaryName: "msdyn_name",
  columns: {
    msdyn_ocrecordingid: guid,
    msdyn_name: text,
    ...SYSTEM_COLUMNS,
    msdyn_liveworkitemid: lookup("msdyn_ocliveworkitem"),
    msdyn_recordingtarget: lookup("appointment", "phonecall", "msdyn_ocliveworkitem"),
    msdyn_mediauri: text,
    msdyn_sourcelanguage: text,
    msdyn_recording: file,
    msdyn_recording_name: text,
    msdyn_recordingmetadata: file,
    msdyn_recordingmetadata_name: text,
    ...PLAIN_STATE,
  },
};

const users: EntityType = {
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
    msdyn_botapplicationid: text,
    ...SYSTEM_COLUMNS,
  },
};

const queues: EntityType = {
  set: "queues",
  logicalName: "queue",
  key: "queueid",
  primaryName: "name",
  columns: { queueid: guid, name: text, ...SYSTEM_COLUMNS, ...PLAIN_STATE },
};

const phoneContexts: EntityType = {
  set: "msdyn_ocphonecallengagementctxes",
  logicalName: "msdyn_ocphonecallengagementctx",
  key: "msdyn_ocphonecallengagementctxid",
  primaryName: "msdyn_name",
  columns: {
    msdyn_ocphonecallengagementctxid: guid,
    msdyn_name: text,
    ...SYSTEM_COLUMNS,
    msdyn_liveworkitemid: lookup("msdyn_ocliveworkitem"),
    msdyn_fromphone: text,
    msdyn_tophone: text,
    msdyn_callername: text,
    msdyn_callsid: text,
    msdyn_providername: text,
    ...PLAIN_STATE,
  },
};

/** The tables that the simulator has, with the columns that Deskreel reads and their nearest neighbours. */
export const ENTITY_TYPES = {
  conversations,
  sessions,
  participants,
  recordings,
  users,
  queues,
  phoneContexts,
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
