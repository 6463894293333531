import { z } from "zod";
import { callSessionIdSchema } from "#shared/api/identity.ts";
import { instantSchema } from "#shared/api/call-event.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { ChangedRows, DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { anyOf, chunk } from "./conversation-rows.ts";
import { wholeSeconds } from "./whole-seconds.ts";

const COLUMNS = [
  "msdyn_ocrecordingid",
  "_msdyn_liveworkitemid_value",
  "msdyn_recording",
  "msdyn_recordingmetadata",
  "createdon",
  "modifiedon",
  "versionnumber",
].join(",");

const guidSchema = z.guid().transform((text) => text.toLowerCase());

/** The columns of msdyn_ocrecording that matter; there is none for start, length or agent. */
const rowSchema = z
  .object({
    msdyn_ocrecordingid: guidSchema,
    _msdyn_liveworkitemid_value: callSessionIdSchema.nullable().default(null),
    msdyn_recording: z.string().nullable().default(null),
    msdyn_recordingmetadata: z.string().nullable().default(null),
    createdon: instantSchema,
    modifiedon: instantSchema,
    versionnumber: z.union([z.number(), z.string()]),
  })
  .transform((row) => ({
    sourceId: row.msdyn_ocrecordingid,
    interactionId: row._msdyn_liveworkitemid_value,
    /** Of the files behind it; another file is another id, none is null. */
    soundId: row.msdyn_recording,
    metadataId: row.msdyn_recordingmetadata,
    createdOn: row.createdon,
    modifiedOn: row.modifiedon,
    version: String(row.versionnumber),
  }));

/** A call recording as Dynamics lists it; its sound and metadata are files behind it. */
export type RecordingRow = z.output<typeof rowSchema>;

/** The recordings that changed at or after an instant of Dynamics' clock, oldest change first, page by page. */
export function listChangedRecordings(
  client: DataverseClient,
  since: EpochMs,
  signal: AbortSignal,
): AsyncGenerator<RecordingRow[]> {
  const filter = encodeURIComponent(`modifiedon ge ${wholeSeconds(since)}`);
  const order = encodeURIComponent("modifiedon asc,msdyn_ocrecordingid asc");
  const path = `msdyn_ocrecordings?$select=${COLUMNS}&$filter=${filter}&$orderby=${order}`;
  return client.readPages(path, rowSchema, signal);
}

/**
 * The same by change tracking: first all recordings that there are, then, from the link that the last page has, what has
 * changed since.
 */
export function trackRecordings(
  client: DataverseClient,
  deltaLink: string | null,
  signal: AbortSignal,
): AsyncGenerator<ChangedRows<RecordingRow>> {
  const from = deltaLink === null ? { path: `msdyn_ocrecordings?$select=${COLUMNS}` } : { deltaLink };
  return client.readChanges(from, rowSchema, signal);
}

/** Whether Dynamics tracks changes of recordings; an admin turns that on per table. */
export async function tracksRecordings(client: DataverseClient, signal: AbortSignal): Promise<boolean> {
  const path = "EntityDefinitions(LogicalName='msdyn_ocrecording')?$select=ChangeTrackingEnabled";
  const schema = z.object({ ChangeTrackingEnabled: z.boolean() });
  return (await client.read(path, schema, signal)).ChangeTrackingEnabled;
}

/** All recordings of some conversations. */
export async function listRecordingsOf(
  client: DataverseClient,
  interactionIds: readonly string[],
  signal: AbortSignal,
): Promise<RecordingRow[]> {
  const rows: RecordingRow[] = [];
  for (const ids of chunk(interactionIds)) {
    const path = `msdyn_ocrecordings?$select=${COLUMNS}&$filter=${anyOf("_msdyn_liveworkitemid_value", ids)}`;
    rows.push(...(await client.readAll(path, rowSchema, signal)));
  }
  return rows;
}

/** The recordings that were made within a range of Dynamics' clock and name no conversation. */
export function listHomelessRecordings(
  client: DataverseClient,
  { from, to }: { from: EpochMs; to: EpochMs },
  signal: AbortSignal,
): Promise<RecordingRow[]> {
  const range = `createdon ge ${wholeSeconds(from)} and createdon lt ${wholeSeconds(to)}`;
  const filter = encodeURIComponent(`_msdyn_liveworkitemid_value eq null and ${range}`);
  return client.readAll(`msdyn_ocrecordings?$select=${COLUMNS}&$filter=${filter}`, rowSchema, signal);
}

/** One recording as it is now; null when it was deleted. */
export async function readRecording(
  client: DataverseClient,
  sourceId: string,
  signal: AbortSignal,
): Promise<RecordingRow | null> {
  try {
    return await client.read(`msdyn_ocrecordings(${sourceId})?$select=${COLUMNS}`, rowSchema, signal);
  } catch (error) {
    if (error instanceof DataverseError && error.status === 404) return null;
    throw error;
  }
}
