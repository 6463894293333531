import { randomUUID } from "node:crypto";
import type { Request } from "express";
import type { Cell, EntityType, Row } from "../dataverse/columns.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { entityTypeOfSet, ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import {
  badPayload,
  DataverseError,
  notSimulated,
  unknownResource,
  unknownRow,
  wrongMethod,
} from "../odata/dataverse-error.ts";
import { cellsOfPayload } from "../odata/row-payload.ts";
import {
  checkRegistration,
  deleteRegistration,
  REGISTRATION_DEFAULTS,
} from "../webhooks/registration-rules.ts";

/** A row that a request wrote; `created` says whether it was not there before. */
export interface WrittenRow {
  readonly entity: EntityType;
  readonly id: string;
  readonly created: boolean;
}

const WRITABLE: readonly EntityType[] = [T.serviceEndpoints, T.steps, T.stepImages];

/**
 * A `POST` of a set, or a `PATCH` or `DELETE` of a row, of the tables of registrations; the others' rows are written by
 * calls alone.
 *
 * @param id - null when the path names a set.
 * @returns null for a row that was deleted.
 * @throws DataverseError as Dataverse refuses it.
 */
export function writeRow(
  store: DataverseStore,
  request: Request,
  set: string,
  id: string | null,
): WrittenRow | null {
  const entity = entityTypeOfSet(set);
  if (entity === undefined) throw unknownResource(set);
  const { method } = request;
  if (!(id === null ? ["POST"] : ["PATCH", "DELETE"]).includes(method)) throw wrongMethod(method);
  if (!WRITABLE.includes(entity)) throw notSimulated(`${method} of ${set}`);
  if (id === null) return createRow(store, entity, readPayload(request, set), null);
  const row = store.get(entity, id);
  checkConditions(request, entity, id, row);
  if (method === "DELETE") {
    if (row === undefined) throw unknownRow(entity.logicalName, id);
    deleteRegistration(store, entity, id.toLowerCase());
    return null;
  }
  const payload = readPayload(request, set);
  return row === undefined ? createRow(store, entity, payload, id) : updateRow(store, entity, row, payload);
}

function createRow(
  store: DataverseStore,
  entity: EntityType,
  payload: unknown,
  askedId: string | null,
): WrittenRow {
  const written = withSecretsNoted(cellsOfPayload(payload, entity, store));
  const id = (askedId ?? String(written[entity.key] ?? randomUUID())).toLowerCase();
  const row = { ...REGISTRATION_DEFAULTS.get(entity), ...written, [entity.key]: id };
  checkRegistration(store, entity, row);
  if (store.get(entity, id) !== undefined) {
    const message = "A record with matching key values already exists.";
    throw new DataverseError(412, "0x80040237", message);
  }
  store.insert(entity, row);
  return { entity, id, created: true };
}

function updateRow(store: DataverseStore, entity: EntityType, row: Row, payload: unknown): WrittenRow {
  const written = withSecretsNoted(cellsOfPayload(payload, entity, store));
  const id = String(row[entity.key]);
  if (written[entity.key] !== undefined && String(written[entity.key]).toLowerCase() !== id) {
    throw badPayload(entity.set, `The key '${entity.key}' cannot be changed.`);
  }
  checkRegistration(store, entity, { ...row, ...written });
  store.update(entity, id, written);
  return { entity, id, created: false };
}

/** The platform tells whether a secret is there, never which. */
function withSecretsNoted(cells: Record<string, Cell>): Record<string, Cell> {
  const secret = cells["authvalue"];
  return secret === undefined ? cells : { ...cells, isauthvalueset: secret !== null && secret !== "" };
}

/** `If-Match: *` forbids making the row, an etag any other version, `If-None-Match: *` changing it. */
function checkConditions(request: Request, entity: EntityType, id: string, row: Row | undefined): void {
  const match = request.get("If-Match");
  if (match !== undefined && row === undefined) throw unknownRow(entity.logicalName, id);
  if (match !== undefined && match !== "*" && match !== `W/"${row?.["versionnumber"]}"`) {
    const message = "The version of the existing record doesn't match the RowVersion property provided.";
    throw new DataverseError(412, "0x80060882", message);
  }
  if (request.get("If-None-Match") === "*" && row !== undefined) {
    throw new DataverseError(412, "0x80040237", "A record with matching key values already exists.");
  }
}

function readPayload(request: Request, set: string): unknown {
  if (typeof request.body !== "string") {
    throw new DataverseError(415, "0x0", "The Content-Type of a body must be application/json.");
  }
  try {
    return JSON.parse(request.body) as unknown;
  } catch (cause) {
    throw badPayload(set, cause instanceof Error ? cause.message : "The body is not JSON.");
  }
}
