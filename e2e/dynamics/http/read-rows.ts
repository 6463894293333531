import type { Request, Response } from "express";
import type { EntityType, Row } from "../dataverse/columns.ts";
import { entityTypeOfSet } from "../dataverse/entity-types.ts";
import { unknownResource, unknownRow } from "../odata/dataverse-error.ts";
import { lookupResolver } from "../odata/lookup-resolver.ts";
import { parsePrefer } from "../odata/prefer.ts";
import { parseQueryOptions } from "../odata/query-options.ts";
import { readPage } from "../odata/read-page.ts";
import { rowToJson } from "../odata/row-json.ts";
import { decodeSkipToken, encodeSkipToken } from "../odata/skip-token.ts";
import { type ChangeQuery, readChangeQuery } from "./change-tracking.ts";
import { WEB_API_PATH, type WebApiParts } from "./web-api-parts.ts";

/** A query of a set: one page, and where the next one is. */
export function sendPage(
  parts: WebApiParts,
  request: Request,
  response: Response,
  set: string,
  query: string,
): void {
  const entity = entityTypeOfSet(set);
  if (entity === undefined) throw unknownResource(set);
  const options = parseQueryOptions(query, entity, "set");
  const preferences = parsePrefer(request.get("Prefer"));
  const after = options.skipToken === null ? null : decodeSkipToken(query, options.skipToken);
  const changes = readChangeQuery(parts, entity, query, options, preferences);
  const rows = changes?.rows ?? parts.store.rows(entity);
  const page = readPage(rows, entity, options, preferences.maxPageSize, after);
  if (preferences.applied !== null) response.set("Preference-Applied", preferences.applied);
  const resolve = lookupResolver(parts.store);
  const language = parts.faults.settings.language;
  sendOdata(response, {
    "@odata.context": contextUrl(parts, set, options.select),
    value: [
      ...page.rows.map((row) => rowToJson(row, entity, options.select, preferences, resolve, language)),
      ...(page.end === null ? (changes?.deleted ?? []) : []),
    ],
    ...(page.end === null
      ? deltaLink(parts, set, options.select, changes)
      : { "@odata.nextLink": nextLink(parts, set, query, encodeSkipToken(query, page.end), changes) }),
  });
}

/** A row by its key. */
export function sendRow(
  parts: WebApiParts,
  request: Request,
  response: Response,
  set: string,
  id: string,
  query: string,
): void {
  const entity = entityTypeOfSet(set);
  if (entity === undefined) throw unknownResource(set);
  const row = parts.store.get(entity, id);
  if (row === undefined) {
    parseQueryOptions(query, entity, "row");
    throw unknownRow(entity.logicalName, id);
  }
  sendRowJson(parts, request, response, entity, row, query);
}

/** A row as the answer to a read, or to a write that asked for it. */
export function sendRowJson(
  parts: WebApiParts,
  request: Request,
  response: Response,
  entity: EntityType,
  row: Row,
  query: string,
): void {
  const { select } = parseQueryOptions(query, entity, "row");
  const preferences = parsePrefer(request.get("Prefer"));
  if (preferences.applied !== null) response.set("Preference-Applied", preferences.applied);
  const resolve = lookupResolver(parts.store);
  const json = rowToJson(row, entity, select, preferences, resolve, parts.faults.settings.language);
  response.set("ETag", String(json["@odata.etag"]));
  sendOdata(response, { "@odata.context": `${contextUrl(parts, entity.set, select)}/$entity`, ...json });
}

export function sendOdata(response: Response, body: Record<string, unknown>): void {
  response.type("application/json; odata.metadata=minimal").send(JSON.stringify(body));
}

function contextUrl(parts: WebApiParts, set: string, select: readonly string[] | null): string {
  const columns = select === null ? "" : `(${select.join(",")})`;
  return `${parts.url()}${WEB_API_PATH}/$metadata#${set}${columns}`;
}

function nextLink(
  parts: WebApiParts,
  set: string,
  query: string,
  skipToken: string,
  changes: ChangeQuery | null,
): string {
  const kept = query.split("&").filter((part) => !/^((\$|%24)skiptoken|begun)=/i.test(part) && part !== "");
  const link = `${parts.url()}${WEB_API_PATH}/${set}?${[...kept, `$skiptoken=${skipToken}`].join("&")}`;
  return `${link}${changes?.carried ?? ""}`;
}

function deltaLink(
  parts: WebApiParts,
  set: string,
  select: readonly string[] | null,
  changes: ChangeQuery | null,
): Record<string, string> {
  if (changes === null) return {};
  const selected = select === null ? "" : `$select=${select.join(",")}&`;
  const link = `${parts.url()}${WEB_API_PATH}/${set}?${selected}$deltatoken=${changes.deltaToken}`;
  return { "@odata.deltaLink": link };
}
