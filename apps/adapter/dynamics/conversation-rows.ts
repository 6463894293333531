import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import { compareText } from "../domain/compare-text.ts";
import type { Conversation, Participant } from "../domain/interaction-facts.ts";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";

/** Ids that one `or` chain of a filter may hold without Dataverse refusing the query as too long. */
const IDS_PER_QUERY = 40;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** msdyn_ocliveworkitem.statecode: 1 Closed, 2 Resolved; in all other states the session goes on. */
const FINAL_STATES: readonly number[] = [1, 2];
/** msdyn_sessionparticipant.msdyn_mode: Primary and Consult; Monitor and Preview do not take part. */
const SPEAKING_MODES: readonly number[] = [192_350_002, 192_350_003];

/** Whether a call session's id can be one of Dynamics'. */
export function isDynamicsId(interactionId: string): boolean {
  return GUID.test(interactionId);
}

const conversationSchema = z.object({
  activityid: z.string().transform((text) => text.toLowerCase()),
  statecode: z.number(),
  msdyn_startedon: instantSchema.nullable().default(null),
});

const sessionSchema = z.object({ activityid: z.guid() });

const participantSchema = z.object({
  _msdyn_agentid_value: z.string().nullable().default(null),
  msdyn_mode: z.number().nullable().default(null),
  msdyn_joinedon: instantSchema.nullable().default(null),
  msdyn_lefton: instantSchema.nullable().default(null),
});

/**
 * What Dynamics says of call sessions now, with the participants of those that are closed. Sessions that it does not
 * know are left out, also those whose id cannot be one of its own.
 */
export async function readConversations(
  client: DataverseClient,
  interactionIds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Conversation>> {
  const conversations = new Map<string, Conversation>();
  for (const ids of chunk(interactionIds.filter(isDynamicsId))) {
    const path = `msdyn_ocliveworkitems?$select=activityid,statecode,msdyn_startedon&$filter=${anyOf("activityid", ids)}`;
    for (const row of await client.readAll(path, conversationSchema, signal)) {
      const closed = FINAL_STATES.includes(row.statecode);
      const participants = closed ? await readParticipants(client, row.activityid, signal) : [];
      conversations.set(row.activityid, { closed, startedOn: row.msdyn_startedon, participants });
    }
  }
  return conversations;
}

async function readParticipants(
  client: DataverseClient,
  interactionId: string,
  signal: AbortSignal,
): Promise<Participant[]> {
  const filter = encodeURIComponent(`_msdyn_liveworkitemid_value eq ${interactionId}`);
  const sessions = await client.readAll(
    `msdyn_ocsessions?$select=activityid&$filter=${filter}`,
    sessionSchema,
    signal,
  );
  const participants: Participant[] = [];
  for (const ids of chunk(sessions.map((session) => session.activityid))) {
    const select = "msdyn_sessionparticipantid,_msdyn_agentid_value,msdyn_mode,msdyn_joinedon,msdyn_lefton";
    const path = `msdyn_sessionparticipants?$select=${select}&$filter=${anyOf("_msdyn_omnichannelsession_value", ids)}`;
    for (const row of await client.readAll(path, participantSchema, signal)) {
      if (row._msdyn_agentid_value === null) continue;
      participants.push({
        agentId: row._msdyn_agentid_value,
        joinedOn: row.msdyn_joinedon,
        leftOn: row.msdyn_lefton,
        speaks: row.msdyn_mode !== null && SPEAKING_MODES.includes(row.msdyn_mode),
      });
    }
  }
  // Dataverse answers in no promised order, and what is stored is compared with what was stored.
  return participants.sort(
    (a, b) => (a.joinedOn ?? 0) - (b.joinedOn ?? 0) || compareText(a.agentId, b.agentId),
  );
}

/** A filter: the column has one of the ids. */
export function anyOf(column: string, ids: readonly string[]): string {
  return encodeURIComponent(ids.map((id) => `${column} eq ${id}`).join(" or "));
}

/** As many ids at a time as a filter may hold. */
export function chunk<Item>(items: readonly Item[]): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += IDS_PER_QUERY) {
    chunks.push(items.slice(start, start + IDS_PER_QUERY));
  }
  return chunks;
}
