import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { wholeSeconds } from "./whole-seconds.ts";

const rowSchema = z.object({
  activityid: z.guid().transform((text) => text.toLowerCase()),
  msdyn_closedon: instantSchema,
  /** A multi-select column: numbers joined by commas. */
  msdyn_channel: z.union([z.string(), z.number()]).nullable().default(null),
});

/** A voice conversation that has ended at Dynamics. */
export interface ClosedConversation {
  id: string;
  closedOn: EpochMs;
}

/** The voice conversations that were closed within a range of Dynamics' clock, oldest first, page by page. */
export async function* listClosedConversations(
  client: DataverseClient,
  { from, to }: { from: EpochMs; to: EpochMs },
  voiceChannels: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<ClosedConversation[]> {
  // 1 Closed, 2 Resolved, as in conversation-rows.ts.
  const range = `msdyn_closedon ge ${wholeSeconds(from)} and msdyn_closedon lt ${wholeSeconds(to)}`;
  const filter = encodeURIComponent(`(statecode eq 1 or statecode eq 2) and ${range}`);
  const order = encodeURIComponent("msdyn_closedon asc,activityid asc");
  const path = `msdyn_ocliveworkitems?$select=activityid,msdyn_closedon,msdyn_channel&$filter=${filter}&$orderby=${order}`;
  for await (const rows of client.readPages(path, rowSchema, signal)) {
    yield rows
      .filter(({ msdyn_channel: channels }) =>
        String(channels ?? "")
          .split(",")
          .some((channel) => voiceChannels.includes(Number(channel))),
      )
      .map(({ activityid: id, msdyn_closedon: closedOn }) => ({ id, closedOn }));
  }
}
