import * as labels from "./choice-labels.ts";
import {
  choice,
  flag,
  guid,
  integer,
  lookup,
  PLAIN_STATE,
  SYSTEM_COLUMNS,
  secret,
  text,
  time,
} from "./column-kinds.ts";
import type { EntityType } from "./columns.ts";

export const serviceEndpoints: EntityType = {
  set: "serviceendpoints",
  logicalName: "serviceendpoint",
  key: "serviceendpointid",
  primaryName: "name",
  columns: {
    serviceendpointid: guid,
    name: text,
    description: text,
    url: text,
    contract: choice(labels.ENDPOINT_CONTRACTS),
    authtype: choice(labels.ENDPOINT_AUTH_TYPES),
    authvalue: secret,
    isauthvalueset: flag,
    messageformat: choice(labels.MESSAGE_FORMATS),
    ...SYSTEM_COLUMNS,
  },
};

export const steps: EntityType = {
  set: "sdkmessageprocessingsteps",
  logicalName: "sdkmessageprocessingstep",
  key: "sdkmessageprocessingstepid",
  primaryName: "name",
  columns: {
    sdkmessageprocessingstepid: guid,
    name: text,
    description: text,
    configuration: text,
    eventhandler: lookup("serviceendpoint", "plugintype"),
    sdkmessageid: lookup("sdkmessage"),
    sdkmessagefilterid: lookup("sdkmessagefilter"),
    /** Columns, joined by commas; null = every write. */
    filteringattributes: text,
    stage: choice(labels.STEP_STAGES),
    mode: choice(labels.STEP_MODES),
    rank: integer,
    supporteddeployment: choice(labels.STEP_DEPLOYMENTS),
    asyncautodelete: flag,
    ...SYSTEM_COLUMNS,
    ...PLAIN_STATE,
    statecode: choice(labels.STEP_STATES),
    statuscode: choice(labels.STEP_STATUSES),
  },
};

export const stepImages: EntityType = {
  set: "sdkmessageprocessingstepimages",
  logicalName: "sdkmessageprocessingstepimage",
  key: "sdkmessageprocessingstepimageid",
  primaryName: "name",
  columns: {
    sdkmessageprocessingstepimageid: guid,
    name: text,
    description: text,
    sdkmessageprocessingstepid: lookup("sdkmessageprocessingstep"),
    imagetype: choice(labels.IMAGE_TYPES),
    entityalias: text,
    messagepropertyname: text,
    /** Columns, joined by commas; null = all. */
    attributes: text,
    ...SYSTEM_COLUMNS,
  },
};

export const messages: EntityType = {
  set: "sdkmessages",
  logicalName: "sdkmessage",
  key: "sdkmessageid",
  primaryName: "name",
  columns: { sdkmessageid: guid, name: text, ...SYSTEM_COLUMNS },
};

/** A message together with a table that it may be registered for. */
export const messageFilters: EntityType = {
  set: "sdkmessagefilters",
  logicalName: "sdkmessagefilter",
  key: "sdkmessagefilterid",
  primaryName: "name",
  columns: {
    sdkmessagefilterid: guid,
    name: text,
    sdkmessageid: lookup("sdkmessage"),
    /** The table's logical name. */
    primaryobjecttypecode: text,
    iscustomprocessingstepallowed: flag,
    ...SYSTEM_COLUMNS,
  },
};

export const asyncOperations: EntityType = {
  set: "asyncoperations",
  logicalName: "asyncoperation",
  key: "asyncoperationid",
  primaryName: "name",
  columns: {
    asyncoperationid: guid,
    name: text,
    message: text,
    friendlymessage: text,
    errorcode: integer,
    messagename: text,
    /** The table's logical name. */
    primaryentitytype: text,
    owningextensionid: lookup("sdkmessageprocessingstep"),
    /** The row that was written, of whatever table; its table is `primaryentitytype`. */
    regardingobjectid: lookup(),
    operationtype: choice(labels.OPERATION_TYPES),
    retrycount: integer,
    correlationid: guid,
    requestid: guid,
    startedon: time,
    completedon: time,
    ...SYSTEM_COLUMNS,
    statecode: choice(labels.OPERATION_STATES),
    statuscode: choice(labels.OPERATION_STATUSES),
  },
};
