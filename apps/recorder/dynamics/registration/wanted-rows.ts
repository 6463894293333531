import { createHash } from "node:crypto";
import { imageAttributesOf, ROW_TABLES, type RowKind as TableKind } from "../row-schemas.ts";
import type { WantedRow } from "./registered-row.ts";
import type { WebhookAddress } from "./webhook-address.ts";

export const MESSAGES = ["Create", "Update"] as const;
type Message = (typeof MESSAGES)[number];

/**
 * The tables that tell of calls, and the columns whose change does; an Update that writes none of them is not posted.
 * Columns that are written once, when the row is made, come with its Create.
 */
const WATCHED = {
  participant: [
    "msdyn_agentid",
    "msdyn_mode",
    "msdyn_addedon",
    "msdyn_joinedon",
    "msdyn_lefton",
    "msdyn_conversationaccess",
  ],
  session: ["msdyn_channel", "msdyn_wrapupinitiatedon", "msdyn_sessionclosedon", "msdyn_closurereason"],
  conversation: [
    "msdyn_channel",
    "statuscode",
    "msdyn_wrapupinitiatedon",
    "msdyn_closedon",
    "msdyn_activeagentid",
    "msdyn_conversationactivitystate",
    "msdyn_isoutbound",
    "msdyn_cdsqueueid",
  ],
  "participant-event": ["msdyn_eventtype", "msdyn_eventstarttime", "msdyn_eventendtime"],
  "agent-status": ["msdyn_currentpresenceid", "msdyn_isagentloggedin"],
} as const satisfies Partial<Record<TableKind, readonly string[]>>;

type WatchedTable = keyof typeof WATCHED;
const WATCHED_TABLES = Object.keys(WATCHED) as WatchedTable[];

/** The tables' logical names, e.g. `msdyn_ocsession`. */
export const WATCHED_NAMES: readonly string[] = WATCHED_TABLES.map((kind) => ROW_TABLES[kind].logicalName);

/** The ids that an environment has for a message, and for the message on a table. */
export interface MessageIds {
  message(message: Message): string;
  filter(message: Message, table: string): string;
}

/** After the operation, in the background: a failure of ours must never fail the agents' work. */
const STEP = { stage: 40, mode: 1, rank: 1, supporteddeployment: 0, asyncautodelete: true } as const;
const ENABLED = { statecode: 0, statuscode: 1 } as const;
const POST_IMAGE = 1;
/** The image's name, and its key in the post. */
export const IMAGE_NAME = "Deskreel";
/** contract 8 Webhook, authtype 4 WebhookKey (`?code=`), messageformat 2 Json. */
const WEBHOOK = { contract: 8, authtype: 4, messageformat: 2 } as const;

/** All that is registered: the webhook, a step per table and message, an image with what is read of the row per step. */
export function wantedRows({ name, url }: WebhookAddress, key: string, ids: MessageIds): WantedRow {
  const steps = WATCHED_TABLES.flatMap((table) =>
    MESSAGES.map((message) => wantedStep(stepPrefix(name), table, message, ids)),
  );
  const values = { ...WEBHOOK, url, description: describeKey(key) };
  return { kind: "webhook", name, values, lookups: {}, secrets: { authvalue: key }, children: steps };
}

/** How the names of all steps of a webhook begin; other steps are somebody else's. */
export function stepPrefix(webhookName: string): string {
  return `${webhookName}: `;
}

/** The key itself cannot be read back, so the webhook's description says which one it is. */
export function describeKey(key: string): string {
  const fingerprint = createHash("sha256").update(key).digest("hex").slice(0, 12);
  return `Made by Deskreel's setup-dynamics, which also removes it. Key: sha256 ${fingerprint}…`;
}

function wantedStep(prefix: string, table: WatchedTable, message: Message, ids: MessageIds): WantedRow {
  const { logicalName } = ROW_TABLES[table];
  const filteringattributes = message === "Update" ? WATCHED[table].join(",") : null;
  return {
    kind: "step",
    name: `${prefix}${message} ${logicalName}`,
    values: { ...STEP, ...ENABLED, filteringattributes },
    lookups: {
      sdkmessageid: { set: "sdkmessages", id: ids.message(message) },
      sdkmessagefilterid: { set: "sdkmessagefilters", id: ids.filter(message, logicalName) },
    },
    secrets: {},
    children: [wantedImage(table, message)],
  };
}

function wantedImage(table: WatchedTable, message: Message): WantedRow {
  return {
    kind: "image",
    name: IMAGE_NAME,
    values: {
      imagetype: POST_IMAGE,
      entityalias: IMAGE_NAME,
      // The parameter of the message that says which row the image is of.
      messagepropertyname: message === "Create" ? "Id" : "Target",
      attributes: imageAttributesOf(table),
    },
    lookups: {},
    secrets: {},
    children: [],
  };
}
