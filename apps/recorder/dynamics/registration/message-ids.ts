import { z } from "zod";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { MESSAGES, type MessageIds, WATCHED_NAMES } from "./wanted-rows.ts";

const messageSchema = z.object({ sdkmessageid: z.guid(), name: z.string() });
const filterSchema = z.object({
  sdkmessagefilterid: z.guid(),
  _sdkmessageid_value: z.guid(),
  primaryobjecttypecode: z.string(),
  iscustomprocessingstepallowed: z.boolean(),
});

/**
 * Looks up the ids that the environment has for Create and Update, and for each of them on the tables that tell of calls.
 *
 * @throws DeskreelError `TABLES_MISSING` naming every table that is not in the environment or takes no steps.
 */
export async function readMessageIds(client: DataverseClient, signal: AbortSignal): Promise<MessageIds> {
  const names = MESSAGES.map((name) => `name eq '${name}'`).join(" or ");
  const messages = await client.readAll(
    `sdkmessages?$select=sdkmessageid,name&$filter=${encodeURIComponent(names)}`,
    messageSchema,
    signal,
  );
  const ofMessages = messages.map(({ sdkmessageid: id }) => `_sdkmessageid_value eq ${id}`).join(" or ");
  const ofTables = WATCHED_NAMES.map((name) => `primaryobjecttypecode eq '${name}'`).join(" or ");
  const filters =
    messages.length === 0
      ? []
      : await client.readAll(
          "sdkmessagefilters?$select=sdkmessagefilterid,_sdkmessageid_value,primaryobjecttypecode,iscustomprocessingstepallowed" +
            `&$filter=${encodeURIComponent(`(${ofMessages}) and (${ofTables})`)}`,
          filterSchema,
          signal,
        );
  const ids = new Map<string, string>();
  const faults: string[] = [];
  for (const message of MESSAGES) {
    const id = messages.find(({ name }) => name === message)?.sdkmessageid;
    if (id === undefined) {
      faults.push(`the message ${message} (sdkmessages)`);
      continue;
    }
    ids.set(message, id);
    for (const table of WATCHED_NAMES) {
      const filter = filters.find(
        (one) => one._sdkmessageid_value === id && one.primaryobjecttypecode === table,
      );
      if (filter?.iscustomprocessingstepallowed) ids.set(`${message} ${table}`, filter.sdkmessagefilterid);
      else faults.push(`${message} of table ${table}`);
    }
  }
  if (faults.length > 0) {
    throw new DeskreelError(
      "TABLES_MISSING",
      `${client.base} has no steps for: ${faults.join(", ")}; is the voice channel of Customer Service (Omnichannel) or ` +
        "Contact Center installed in this environment, and may the application user read sdkmessage and sdkmessagefilter?",
    );
  }
  const find = (name: string) => {
    const id = ids.get(name);
    if (id === undefined) throw new Error(`${name} was looked up`);
    return id;
  };
  return { message: find, filter: (message, table) => find(`${message} ${table}`) };
}
