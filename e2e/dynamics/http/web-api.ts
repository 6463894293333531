import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from "express";
import { bearerToken } from "#shared/http/guards.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { entityTypeOfLogicalName, entityTypeOfSet } from "../dataverse/entity-types.ts";
import { badQuery, DataverseError, unknownResource, unknownRow } from "../odata/dataverse-error.ts";
import { parsePrefer } from "../odata/prefer.ts";
import { parseQueryOptions } from "../odata/query-options.ts";
import { readPage } from "../odata/read-page.ts";
import { type ResolveLookup, rowToJson } from "../odata/row-json.ts";
import { decodeSkipToken, encodeSkipToken } from "../odata/skip-token.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { BlobLinks } from "./blob-links.ts";
import { getFileSasUrl } from "./get-file-sas-url.ts";

/** Where the Web API lives under the environment's URL. */
export const WEB_API_PATH = "/api/data/v9.2";

/** What the Web API's routes work on. */
export interface WebApiParts {
  readonly store: DataverseStore;
  readonly tokens: AccessTokens;
  readonly blobs: BlobLinks;
  /** The environment's URL without a trailing slash. */
  readonly url: () => string;
}

const SET = /^\/(\w+)$/;
const SINGLE_ROW = /^\/(\w+)\(([0-9a-fA-F-]{36})\)$/;
const FUNCTION_CALL = /^\/(\w+)\((.*)\)$/;

/** The Dataverse Web API (OData 4), reading only; mounted at {@link WEB_API_PATH}. */
export function webApi(parts: WebApiParts): RequestHandler {
  return (request: Request, response: Response) => {
    response.set("OData-Version", "4.0");
    if (refuseWithoutToken(request, response, parts)) return;
    const url = new URL(request.url, "http://simulator");
    const path = decodePath(url.pathname);
    const query = url.search.slice(1);
    const [, name, inParentheses] = SINGLE_ROW.exec(path) ?? FUNCTION_CALL.exec(path) ?? SET.exec(path) ?? [];
    if (name === undefined) throw unknownResource(path.slice(1));
    if (request.method !== "GET") {
      throw new DataverseError(
        405,
        "0x0",
        `The requested resource does not support http method '${request.method}'.`,
      );
    }
    if (name === "GetFileSasUrl") {
      sendOdata(response, getFileSasUrl(parts, inParentheses ?? "", new URLSearchParams(query)));
    } else if (SINGLE_ROW.test(path)) sendRow(parts, request, response, name, inParentheses ?? "", query);
    else if (inParentheses === undefined) sendPage(parts, request, response, name, query);
    else throw unknownResource(path.slice(1));
  };
}

/** 401 with a challenge and no body: Microsoft documents none, so no client may need one. */
function refuseWithoutToken(request: Request, response: Response, parts: WebApiParts): boolean {
  const fault = parts.tokens.faultOf(bearerToken(request));
  if (fault === null) return false;
  const challenge = `Bearer authorization_uri=${parts.url()}/common/oauth2/authorize, resource_id=${parts.url()}/`;
  response.set("WWW-Authenticate", fault === "missing" ? challenge : `${challenge}, error=invalid_token`);
  response.status(401).end();
  return true;
}

function sendPage(
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
  const page = readPage(parts.store.rows(entity), entity, options, preferences.maxPageSize, after);
  if (preferences.applied !== null) response.set("Preference-Applied", preferences.applied);
  const resolve = lookupResolver(parts.store);
  sendOdata(response, {
    "@odata.context": contextUrl(parts, set, options.select),
    value: page.rows.map((row) => rowToJson(row, entity, options.select, preferences, resolve)),
    ...(page.end === null
      ? {}
      : { "@odata.nextLink": nextLink(parts, set, query, encodeSkipToken(query, page.end)) }),
  });
}

function sendRow(
  parts: WebApiParts,
  request: Request,
  response: Response,
  set: string,
  id: string,
  query: string,
): void {
  const entity = entityTypeOfSet(set);
  if (entity === undefined) throw unknownResource(set);
  const options = parseQueryOptions(query, entity, "row");
  const row = parts.store.get(entity, id);
  if (row === undefined) throw unknownRow(entity.logicalName, id);
  const preferences = parsePrefer(request.get("Prefer"));
  if (preferences.applied !== null) response.set("Preference-Applied", preferences.applied);
  const json = rowToJson(row, entity, options.select, preferences, lookupResolver(parts.store));
  response.set("ETag", String(json["@odata.etag"]));
  sendOdata(response, { "@odata.context": `${contextUrl(parts, set, options.select)}/$entity`, ...json });
}

function contextUrl(parts: WebApiParts, set: string, select: readonly string[] | null): string {
  const columns = select === null ? "" : `(${select.join(",")})`;
  return `${parts.url()}${WEB_API_PATH}/$metadata#${set}${columns}`;
}

function nextLink(parts: WebApiParts, set: string, query: string, skipToken: string): string {
  const kept = query.split("&").filter((part) => !/^(\$|%24)skiptoken=/i.test(part) && part !== "");
  return `${parts.url()}${WEB_API_PATH}/${set}?${[...kept, `$skiptoken=${skipToken}`].join("&")}`;
}

function lookupResolver(store: DataverseStore): ResolveLookup {
  return (targets, id) => {
    for (const logicalName of targets) {
      const entity = entityTypeOfLogicalName(logicalName);
      const row = entity === undefined ? undefined : store.get(entity, id);
      if (entity !== undefined && row !== undefined) {
        return { logicalName, name: String(row[entity.primaryName] ?? "") };
      }
    }
    return null;
  };
}

function sendOdata(response: Response, body: Record<string, unknown>): void {
  response.type("application/json; odata.metadata=minimal").send(JSON.stringify(body));
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw badQuery(`The path ${path} is not percent-encoded.`, { cause });
  }
}

/** The Web API's last middleware: every thrown thing as Dataverse's error JSON. */
export const dataverseErrorWriter: ErrorRequestHandler = (
  error: unknown,
  _request: Request,
  response: Response,
  _next: NextFunction,
) => {
  const known =
    error instanceof DataverseError ? error : new DataverseError(500, "0x80040216", describeError(error));
  response.status(known.status).type("application/json; odata.metadata=minimal");
  response.send(JSON.stringify({ error: { code: known.code, message: known.message } }));
};
