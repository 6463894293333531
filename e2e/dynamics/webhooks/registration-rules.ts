import { isLoopback } from "#shared/runtime/config-schema.ts";
import type { EntityType, Row } from "../dataverse/columns.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { entityTypeOfLogicalName, ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import { DataverseError, invalidArgument, notSimulated } from "../odata/dataverse-error.ts";

const WEBHOOK_CONTRACT = 8;
const WEBHOOK_AUTH_TYPES = [4, 5, 6];
const POST_OPERATION = 40;
const IMAGE = { pre: 0, post: 1, both: 2 } as const;

/** What a row has that is made without saying so. */
export const REGISTRATION_DEFAULTS: ReadonlyMap<EntityType, Row> = new Map<EntityType, Row>([
  [T.serviceEndpoints, { messageformat: 2 }],
  [
    T.steps,
    { rank: 1, supporteddeployment: 0, asyncautodelete: false, mode: 0, statecode: 0, statuscode: 1 },
  ],
  [T.stepImages, { imagetype: 0 }],
]);

/**
 * What the platform checks before it stores a service endpoint, a step or an image.
 *
 * @param row - as it would be stored.
 * @throws DataverseError 400 when the platform refuses it, 501 for what the simulator could store and never act on.
 */
export function checkRegistration(store: DataverseStore, entity: EntityType, row: Row): void {
  if (entity === T.serviceEndpoints) checkEndpoint(row);
  else if (entity === T.steps) checkStep(store, row);
  else checkImage(store, row);
}

/**
 * Deletes a row with what belongs to it: a step with its images.
 *
 * @throws DataverseError 400 for an endpoint that steps still use.
 */
export function deleteRegistration(store: DataverseStore, entity: EntityType, id: string): void {
  if (entity === T.serviceEndpoints) {
    const users = store.rows(T.steps).filter((step) => step["eventhandler"] === id);
    if (users.length > 0) {
      throw new DataverseError(
        400,
        "0x8004f01f",
        `The ServiceEndpoint(${id}) component cannot be deleted because it is referenced by ${users.length} other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest.`,
      );
    }
  }
  if (entity === T.steps) {
    for (const image of store.rows(T.stepImages)) {
      if (image["sdkmessageprocessingstepid"] === id) {
        store.delete(T.stepImages, String(image["sdkmessageprocessingstepimageid"]));
      }
    }
  }
  store.delete(entity, id);
}

function checkEndpoint(row: Row): void {
  requireColumns(T.serviceEndpoints, row, ["name", "contract", "authtype"]);
  if (row["contract"] !== WEBHOOK_CONTRACT) throw notSimulated("service endpoints other than webhooks");
  requireColumns(T.serviceEndpoints, row, ["url"]);
  if (!WEBHOOK_AUTH_TYPES.includes(Number(row["authtype"]))) {
    throw invalidArgument("The authtype of a webhook must be WebhookKey, HttpHeader or HttpQueryString.");
  }
  if (row["authtype"] !== 4) throw notSimulated("webhooks that are authorised by other than WebhookKey");
  const url = URL.parse(String(row["url"]));
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw invalidArgument(`The url '${row["url"]}' of the service endpoint is not a valid URL.`);
  }
  // Dataverse reaches only these ports; a site on this machine has others.
  if (url.port !== "" && !["80", "443"].includes(url.port) && !isLoopback(url.hostname)) {
    throw invalidArgument(
      `The url '${row["url"]}' of the service endpoint uses port ${url.port}; only 80 and 443 are allowed.`,
    );
  }
}

function checkStep(store: DataverseStore, row: Row): void {
  requireColumns(T.steps, row, ["name", "eventhandler", "sdkmessageid", "stage"]);
  if (row["mode"] !== 1) throw notSimulated("synchronous steps");
  if (row["stage"] !== POST_OPERATION) {
    throw invalidArgument("Only steps of the stage Post-operation (40) can run asynchronously.");
  }
  const filterId = row["sdkmessagefilterid"] ?? null;
  if (filterId === null) throw notSimulated("steps without sdkmessagefilterid");
  const filter = store.get(T.messageFilters, String(filterId));
  if (filter === undefined || filter["sdkmessageid"] !== row["sdkmessageid"]) {
    throw invalidArgument(
      `The sdkmessagefilter ${filterId} is not one of sdkmessage ${row["sdkmessageid"]}.`,
    );
  }
  checkColumns(String(filter["primaryobjecttypecode"]), row["filteringattributes"], "filteringattributes");
}

function checkImage(store: DataverseStore, row: Row): void {
  requireColumns(T.stepImages, row, ["sdkmessageprocessingstepid", "entityalias", "messagepropertyname"]);
  const step = store.get(T.steps, String(row["sdkmessageprocessingstepid"]));
  if (step === undefined) throw invalidArgument("The step of the image is not there.");
  const { message, table } = triggerOf(store, step);
  const property = message === "Create" ? "Id" : "Target";
  if (row["messagepropertyname"] !== property) {
    throw invalidArgument(
      `The message property '${row["messagepropertyname"]}' is not valid for message ${message}; it is '${property}'.`,
    );
  }
  const type = row["imagetype"];
  if ((message === "Create" && type !== IMAGE.post) || (message === "Delete" && type !== IMAGE.pre)) {
    throw invalidArgument(`Message ${message} does not support this image type.`);
  }
  checkColumns(table, row["attributes"], "attributes");
}

/** Which writes a step is for: the message's name and the table's logical name. */
export function triggerOf(store: DataverseStore, step: Row): { message: string; table: string } {
  const message = store.get(T.messages, String(step["sdkmessageid"]));
  const filter = store.get(T.messageFilters, String(step["sdkmessagefilterid"]));
  return { message: String(message?.["name"]), table: String(filter?.["primaryobjecttypecode"]) };
}

/** The columns of a comma-joined list; null = all of them. */
export function columnsOf(list: unknown): string[] | null {
  if (typeof list !== "string" || list.trim() === "") return null;
  return list.split(",").map((name) => name.trim());
}

function checkColumns(table: string, list: unknown, property: string): void {
  const columns = entityTypeOfLogicalName(table)?.columns ?? {};
  const unknown = (columnsOf(list) ?? []).filter((name) => !Object.hasOwn(columns, name));
  if (unknown.length > 0) {
    throw invalidArgument(`'${table}' has no attribute '${unknown.join("', '")}', named in ${property}.`);
  }
}

function requireColumns(entity: EntityType, row: Row, names: readonly string[]): void {
  for (const name of names) {
    const cell = row[name] ?? null;
    if (cell === null || cell === "") {
      throw invalidArgument(`Required field '${name}' is missing for ${entity.logicalName}.`);
    }
  }
}
