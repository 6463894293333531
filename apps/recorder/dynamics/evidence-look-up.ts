import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import type { Log } from "#shared/runtime/log.ts";
import { type AgentNames, systemUserName } from "../agents/agent-names.ts";
import type { EvidenceSubject, LookUpEvidence } from "../control/evidence.ts";
import { type MappingSettings, PARTICIPANT_MODES } from "../domain/dynamics/mapping-settings.ts";
import { cutToSecond } from "../domain/dynamics/whole-seconds.ts";
import { judgeOffers, type Offer } from "../domain/offer-evidence.ts";
import type { Evidence } from "../domain/open-question.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Ids that one `or` chain of a filter may hold without Dataverse refusing the query as too long. */
const IDS_PER_QUERY = 40;
/** Of conversations and sessions alike, every statecode from here on but Scheduled (3) is a final one. */
const OPEN_STATE = 0;
const SCHEDULED_STATE = 3;

/** Dataverse leaves out columns that are empty, or has null there. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null);
const id = z.string().transform((text) => text.toLowerCase());
const second = instantSchema.transform(cutToSecond);
/** A multi-select: numbers joined by commas. */
const channels = z
  .union([z.string(), z.number()])
  .nullable()
  .default(null)
  .transform((value) => (value === null || value === "" ? [] : String(value).split(",").map(Number)));

const callSchema = z.object({ activityid: id, msdyn_channel: channels, statecode: z.number() });
const sessionSchema = callSchema.extend({ msdyn_sessionclosedon: optional(z.string()) });
const participantSchema = z.object({
  _msdyn_agentid_value: optional(id),
  _msdyn_omnichannelsession_value: id,
  msdyn_mode: optional(z.number()),
  createdon: second,
  msdyn_joinedon: optional(second),
  msdyn_lefton: optional(second),
});
const userSchema = z.object({
  systemuserid: id,
  azureactivedirectoryobjectid: optional(z.string()),
  domainname: optional(z.string()),
  internalemailaddress: optional(z.string()),
});

export interface EvidenceLookUpOptions {
  client: DataverseClient;
  names: AgentNames;
  mapping: Pick<MappingSettings, "voiceChannels" | "recordModes">;
  log: Log;
}

/**
 * Looks up in Dataverse whether an agent took part in a call: the conversation's sessions, their participants, and whose
 * systemusers those are. While Dataverse asks for a pause its client sends nothing, and everything is unknown.
 */
export function createEvidenceLookUp(options: EvidenceLookUpOptions): LookUpEvidence {
  const { log } = options;
  return async (subject, signal) => {
    // A session that was posted need not be one of Dynamics'.
    if (!GUID.test(subject.callSessionId)) return "unknown";
    try {
      return await lookUp(subject, options, signal);
    } catch (error) {
      if (!signal.aborted || signal.reason?.name === "TimeoutError") {
        const { agent, callSessionId } = subject;
        log.warn({ err: error, agent, callSessionId }, "Dynamics could not be asked about a call");
      }
      return "unknown";
    }
  };
}

async function lookUp(
  { agent, callSessionId, startedAt, endedAt }: EvidenceSubject,
  { client, names, mapping }: EvidenceLookUpOptions,
  signal: AbortSignal,
): Promise<Evidence> {
  const columns = "$select=activityid,msdyn_channel,statecode";
  const [conversation] = await client.readAll(
    `msdyn_ocliveworkitems?${columns}&$filter=${filter(`activityid eq ${callSessionId}`)}`,
    callSchema,
    signal,
  );
  if (conversation === undefined) return "unknown";
  const sessions = await client.readAll(
    `msdyn_ocsessions?${columns},msdyn_sessionclosedon&$filter=${filter(`_msdyn_liveworkitemid_value eq ${callSessionId}`)}`,
    sessionSchema,
    signal,
  );
  const known = new Map(
    sessions
      .filter((session) => isVoice(conversation, session, mapping))
      .map((session) => {
        const isClosed = isFinal(session) || session.msdyn_sessionclosedon !== null;
        return [session.activityid, isClosed || isFinal(conversation)];
      }),
  );
  const rows = (await readParticipants(client, [...known.keys()], signal)).filter(({ msdyn_mode: mode }) => {
    const name = mode === null ? undefined : PARTICIPANT_MODES[mode];
    return name !== undefined && mapping.recordModes.includes(name);
  });
  const userIds = new Set(rows.flatMap((row) => row._msdyn_agentid_value ?? []));
  const own = await whoIs(agent, [...userIds], client, names, signal);
  const offers = rows
    .filter((row) => own.has(row._msdyn_agentid_value ?? ""))
    .map(
      (row): Offer => ({
        offeredAt: row.createdon,
        joinedAt: row.msdyn_joinedon,
        leftAt: row.msdyn_lefton,
        isClosed: known.get(row._msdyn_omnichannelsession_value) ?? false,
      }),
    );
  return judgeOffers(offers, {
    startedAt: cutToSecond(startedAt),
    endedAt: endedAt === null ? null : cutToSecond(endedAt),
  });
}

async function readParticipants(
  client: DataverseClient,
  sessionIds: readonly string[],
  signal: AbortSignal,
): Promise<z.output<typeof participantSchema>[]> {
  const columns =
    "_msdyn_agentid_value,_msdyn_omnichannelsession_value,msdyn_mode,createdon,msdyn_joinedon,msdyn_lefton";
  const rows: z.output<typeof participantSchema>[] = [];
  for (const ids of chunk(sessionIds)) {
    const path = `msdyn_sessionparticipants?$select=${columns}&$filter=${anyOf("_msdyn_omnichannelsession_value", ids)}`;
    rows.push(...(await client.readAll(path, participantSchema, signal)));
  }
  return rows;
}

/** The systemusers among these that are this agent, by one of their names. */
async function whoIs(
  agent: string,
  userIds: readonly string[],
  client: DataverseClient,
  names: AgentNames,
  signal: AbortSignal,
): Promise<Set<string>> {
  const found = new Set<string>();
  // Known before Dynamics' names of it are: the agent of events is the one that goes on.
  names.resolve(agent, "event");
  const columns = "systemuserid,azureactivedirectoryobjectid,domainname,internalemailaddress";
  for (const ids of chunk(userIds)) {
    const path = `systemusers?$select=${columns}&$filter=${anyOf("systemuserid", ids)}`;
    const users = new Map(
      (await client.readAll(path, userSchema, signal)).map((user) => [user.systemuserid, user]),
    );
    for (const userId of ids) {
      const user = users.get(userId);
      const known = [user?.azureactivedirectoryobjectid, user?.domainname, user?.internalemailaddress];
      const own = [...known, systemUserName(userId)].flatMap((name) => name || []);
      names.learn(own, "dynamics");
      // Two agents that have just turned out to be one are two still while calls of them are recorded.
      const self = names.resolve(agent, "event");
      if (own.some((name) => names.resolve(name, "dynamics") === self)) found.add(userId);
    }
  }
  return found;
}

type Call = z.output<typeof callSchema>;

/** By the conversation's channels, else by the session's. */
function isVoice(
  conversation: Call,
  session: Call,
  { voiceChannels }: Pick<MappingSettings, "voiceChannels">,
): boolean {
  const said = conversation.msdyn_channel.length > 0 ? conversation.msdyn_channel : session.msdyn_channel;
  return said.some((channel) => voiceChannels.includes(channel));
}

function isFinal({ statecode }: Call): boolean {
  return statecode !== OPEN_STATE && statecode !== SCHEDULED_STATE;
}

function filter(text: string): string {
  return encodeURIComponent(text);
}

function anyOf(column: string, ids: readonly string[]): string {
  return filter(ids.map((value) => `${column} eq ${value}`).join(" or "));
}

function chunk<Item>(items: readonly Item[]): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += IDS_PER_QUERY) {
    chunks.push(items.slice(start, start + IDS_PER_QUERY));
  }
  return chunks;
}
