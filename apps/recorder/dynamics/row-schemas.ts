import { z } from "zod";
import type { MirroredRow, RowCell, RowState } from "../domain/dynamics/row-state.ts";
import type {
  AgentStatusHistoryRow,
  AgentStatusRow,
  ConversationRow,
  ParticipantEventRow,
  ParticipantRow,
  PhoneContextRow,
  PresenceRow,
  QueueRow,
  SessionRow,
  UserRow,
} from "../domain/dynamics/rows.ts";
import { COLUMN, type Column, guidSchema } from "./row-cells.ts";

type Columns = Readonly<Record<string, Column<RowCell>>>;
/** The values of a row's columns, each null where it is empty. */
type Cells<C extends Columns> = { readonly [Name in keyof C]: C[Name] extends Column<infer V> ? V : never };
type Facts = Pick<MirroredRow, "id" | "version" | "modifiedAt">;

/** A table of Dataverse: which columns are read, by webhook image or query, and which feeds what. */
interface RowTable<Row> {
  /** e.g. `msdyn_sessionparticipant`: what webhooks call it. */
  logicalName: string;
  /** e.g. `msdyn_sessionparticipants`: what the Web API calls it. */
  set: string;
  /** The primary key's column. */
  key: string;
  columns: Columns;
  /** Null: it lacks something without which it says nothing, such as a session of no conversation. */
  toRow(row: MirroredRow): Row | null;
}

function defineTable<const C extends Columns, Row>(table: {
  logicalName: string;
  set: string;
  key: string;
  columns: C;
  toRow(cells: Cells<C>, facts: Facts): Row | null;
}): RowTable<Row> {
  return {
    ...table,
    toRow(row) {
      const entries = Object.keys(table.columns).map((name) => [name, row.cells[name]?.value ?? null]);
      // Cells are made by the columns' own schemas only, in readCells.
      return table.toRow(Object.fromEntries(entries) as Cells<C>, row);
    },
  };
}

const conversation = defineTable({
  logicalName: "msdyn_ocliveworkitem",
  set: "msdyn_ocliveworkitems",
  key: "activityid",
  columns: {
    msdyn_channel: COLUMN.choices,
    statuscode: COLUMN.setChoice,
    msdyn_wrapupinitiatedon: COLUMN.time,
    msdyn_closedon: COLUMN.time,
    msdyn_activeagentid: COLUMN.lookup,
    msdyn_conversationactivitystate: COLUMN.choice,
    msdyn_isoutbound: COLUMN.flag,
    msdyn_cdsqueueid: COLUMN.lookup,
  },
  toRow: (cells, { id, version }): ConversationRow | null =>
    cells.statuscode === null
      ? null
      : {
          id,
          version,
          channels: cells.msdyn_channel ?? [],
          status: cells.statuscode,
          wrapUpAt: cells.msdyn_wrapupinitiatedon,
          closedAt: cells.msdyn_closedon,
          activeUserId: cells.msdyn_activeagentid,
          activityState: cells.msdyn_conversationactivitystate,
          isOutbound: cells.msdyn_isoutbound,
          queueId: cells.msdyn_cdsqueueid,
        },
});

const session = defineTable({
  logicalName: "msdyn_ocsession",
  set: "msdyn_ocsessions",
  key: "activityid",
  columns: {
    msdyn_liveworkitemid: COLUMN.setLookup,
    msdyn_channel: COLUMN.choices,
    msdyn_wrapupinitiatedon: COLUMN.time,
    msdyn_sessionclosedon: COLUMN.time,
    msdyn_closurereason: COLUMN.choice,
  },
  toRow: (cells, { id, version }): SessionRow | null =>
    cells.msdyn_liveworkitemid === null
      ? null
      : {
          id,
          version,
          conversationId: cells.msdyn_liveworkitemid,
          channels: cells.msdyn_channel ?? [],
          wrapUpAt: cells.msdyn_wrapupinitiatedon,
          closedAt: cells.msdyn_sessionclosedon,
          closureReason: cells.msdyn_closurereason,
        },
});

const participant = defineTable({
  logicalName: "msdyn_sessionparticipant",
  set: "msdyn_sessionparticipants",
  key: "msdyn_sessionparticipantid",
  columns: {
    msdyn_omnichannelsession: COLUMN.setLookup,
    msdyn_agentid: COLUMN.lookup,
    msdyn_mode: COLUMN.setChoice,
    createdon: COLUMN.setTime,
    msdyn_addedon: COLUMN.time,
    msdyn_joinedon: COLUMN.time,
    msdyn_lefton: COLUMN.time,
    msdyn_conversationaccess: COLUMN.choice,
  },
  toRow: (cells, { id, version }): ParticipantRow | null =>
    cells.msdyn_omnichannelsession === null || cells.createdon === null
      ? null
      : {
          id,
          version,
          sessionId: cells.msdyn_omnichannelsession,
          userId: cells.msdyn_agentid,
          mode: cells.msdyn_mode,
          createdAt: cells.createdon,
          addedAt: cells.msdyn_addedon,
          joinedAt: cells.msdyn_joinedon,
          leftAt: cells.msdyn_lefton,
          access: cells.msdyn_conversationaccess,
        },
});

const participantEvent = defineTable({
  logicalName: "msdyn_ocsessionparticipantevent",
  set: "msdyn_ocsessionparticipantevents",
  key: "msdyn_ocsessionparticipanteventid",
  columns: {
    msdyn_sessionid: COLUMN.setLookup,
    msdyn_sessionparticipantid: COLUMN.setLookup,
    msdyn_eventtype: COLUMN.choice,
    msdyn_eventstarttime: COLUMN.time,
    msdyn_eventendtime: COLUMN.time,
  },
  toRow: (cells, { id, version }): ParticipantEventRow | null =>
    cells.msdyn_sessionid === null || cells.msdyn_sessionparticipantid === null
      ? null
      : {
          id,
          version,
          sessionId: cells.msdyn_sessionid,
          participantId: cells.msdyn_sessionparticipantid,
          type: cells.msdyn_eventtype,
          startedAt: cells.msdyn_eventstarttime,
          endedAt: cells.msdyn_eventendtime,
        },
});

const agentStatus = defineTable({
  logicalName: "msdyn_agentstatus",
  set: "msdyn_agentstatuses",
  key: "msdyn_agentstatusid",
  columns: {
    msdyn_agentid: COLUMN.setLookup,
    msdyn_currentpresenceid: COLUMN.setLookup,
    msdyn_isagentloggedin: COLUMN.flag,
    msdyn_presencemodifiedon: COLUMN.time,
  },
  toRow: (cells, { id, version, modifiedAt }): AgentStatusRow | null =>
    cells.msdyn_agentid === null
      ? null
      : {
          id,
          version,
          userId: cells.msdyn_agentid,
          presenceId: cells.msdyn_currentpresenceid,
          isLoggedIn: cells.msdyn_isagentloggedin,
          presenceModifiedAt: cells.msdyn_presencemodifiedon,
          modifiedAt,
        },
});

const agentStatusHistory = defineTable({
  logicalName: "msdyn_agentstatushistory",
  set: "msdyn_agentstatushistories",
  key: "msdyn_agentstatushistoryid",
  columns: {
    msdyn_agentid: COLUMN.setLookup,
    msdyn_presenceid: COLUMN.setLookup,
    msdyn_isagentloggedin: COLUMN.flag,
    msdyn_starttime: COLUMN.setTime,
  },
  toRow: (cells, { id, version }): AgentStatusHistoryRow | null =>
    cells.msdyn_agentid === null || cells.msdyn_starttime === null
      ? null
      : {
          id,
          version,
          userId: cells.msdyn_agentid,
          presenceId: cells.msdyn_presenceid,
          isLoggedIn: cells.msdyn_isagentloggedin,
          startedAt: cells.msdyn_starttime,
        },
});

const presence = defineTable({
  logicalName: "msdyn_presence",
  set: "msdyn_presences",
  key: "msdyn_presenceid",
  columns: { msdyn_basepresencestatus: COLUMN.choice },
  toRow: (cells, { id, version }): PresenceRow => ({ id, version, base: cells.msdyn_basepresencestatus }),
});

const user = defineTable({
  logicalName: "systemuser",
  set: "systemusers",
  key: "systemuserid",
  columns: {
    azureactivedirectoryobjectid: COLUMN.guid,
    domainname: COLUMN.text,
    internalemailaddress: COLUMN.text,
    fullname: COLUMN.text,
    msdyn_botapplicationid: COLUMN.text,
  },
  toRow: (cells, { id, version }): UserRow => ({
    id,
    version,
    entraId: cells.azureactivedirectoryobjectid,
    domainName: cells.domainname,
    email: cells.internalemailaddress,
    fullName: cells.fullname,
    isBot: cells.msdyn_botapplicationid !== null,
  }),
});

const queue = defineTable({
  logicalName: "queue",
  set: "queues",
  key: "queueid",
  columns: { name: COLUMN.text },
  toRow: (cells, { id, version }): QueueRow => ({ id, version, name: cells.name }),
});

const phoneContext = defineTable({
  logicalName: "msdyn_ocphonecallengagementctx",
  set: "msdyn_ocphonecallengagementctxes",
  key: "msdyn_ocphonecallengagementctxid",
  columns: {
    msdyn_liveworkitemid: COLUMN.setLookup,
    msdyn_fromphone: COLUMN.text,
    msdyn_tophone: COLUMN.text,
  },
  toRow: (cells, { id, version }): PhoneContextRow => ({
    id,
    version,
    conversationId: cells.msdyn_liveworkitemid,
    from: cells.msdyn_fromphone,
    to: cells.msdyn_tophone,
  }),
});

/** Every table that the recorder reads. */
export const ROW_TABLES = {
  conversation,
  session,
  participant,
  "participant-event": participantEvent,
  "agent-status": agentStatus,
  "agent-status-history": agentStatusHistory,
  presence,
  user,
  queue,
  "phone-context": phoneContext,
} as const;

export type RowKind = keyof typeof ROW_TABLES;
export const ROW_KINDS = Object.keys(ROW_TABLES) as readonly RowKind[];

/** The columns that must be known before a row of the kind says anything. */
export function columnsOf(kind: RowKind): readonly string[] {
  return Object.keys(ROW_TABLES[kind].columns);
}

/** What an image of a webhook's step must contain: column names with commas. */
export function imageAttributesOf(kind: RowKind): string {
  return [...new Set([...columnsOf(kind), "modifiedon"])].join(",");
}

/** `$select` of a query of these rows: the columns, the key, and what orders states. */
export function selectOf(kind: RowKind): string {
  const { key, columns } = ROW_TABLES[kind];
  const names = Object.entries(columns).map(([name, { isLookup }]) => propertyOf(name, isLookup));
  return [...new Set([key, ...names, "modifiedon", "versionnumber"])].join(",");
}

function propertyOf(name: string, isLookup: boolean): string {
  return isLookup ? `_${name}_value` : name;
}

const rowHeadSchema = z.object({
  modifiedon: COLUMN.time.schema,
  versionnumber: z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)], "must be a number"),
});

/** Reads a row of the Web API's JSON, selected by {@link selectOf}: every selected column is in it, empty ones as null. */
export function webApiRowSchema(kind: RowKind): z.ZodType<RowState> {
  return WEB_API_ROWS[kind];
}

/** Made once: zod compiles a schema when it is first used. */
const WEB_API_ROWS = Object.fromEntries(ROW_KINDS.map((kind) => [kind, defineWebApiRow(kind)])) as Record<
  RowKind,
  z.ZodType<RowState>
>;

function defineWebApiRow(kind: RowKind): z.ZodType<RowState> {
  const { key, columns } = ROW_TABLES[kind];
  const cells = Object.fromEntries(
    Object.entries(columns).map(([name, { isLookup, schema }]) => [propertyOf(name, isLookup), schema]),
  );
  return z.object({ ...rowHeadSchema.shape, ...cells, [key]: guidSchema }).transform((json): RowState => {
    const values = json as Record<string, RowCell>;
    return {
      id: String(values[key]),
      version: json.versionnumber,
      modifiedAt: json.modifiedon ?? 0,
      source: "read",
      cells: Object.fromEntries(
        Object.entries(columns).map(([name, { isLookup }]) => [
          name,
          values[propertyOf(name, isLookup)] ?? null,
        ]),
      ),
      written: null,
    };
  });
}
