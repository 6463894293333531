import express, {
  type ErrorRequestHandler,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from "express";
import { bearerToken } from "#shared/http/guards.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { webApiFaults } from "../faults/http-faults.ts";
import { serviceLimits } from "../faults/service-limits.ts";
import { badQuery, DataverseError, unknownResource, wrongMethod } from "../odata/dataverse-error.ts";
import { parsePrefer } from "../odata/prefer.ts";
import { entityDefinition } from "./entity-definitions.ts";
import { FILE_ACTIONS, sendFileValue } from "./file-column.ts";
import { getFileSasUrl } from "./get-file-sas-url.ts";
import { sendOdata, sendPage, sendRow, sendRowJson } from "./read-rows.ts";
import { WEB_API_PATH, type WebApiParts } from "./web-api-parts.ts";
import { writeRow } from "./write-row.ts";

const SET = /^\/(\w+)$/;
const SINGLE_ROW = /^\/(\w+)\(([0-9a-fA-F-]{36})\)$/;
const FILE_VALUE = /^\/(\w+)\(([0-9a-fA-F-]{36})\)\/(\w+)\/\$value$/;
const FUNCTION_CALL = /^\/(\w+)\((.*)\)$/;

/** The Dataverse Web API (OData 4), mounted at {@link WEB_API_PATH}. */
export function webApi(parts: WebApiParts): Router {
  const router = express.Router();
  router.use((request: Request, response: Response, next: NextFunction) => {
    response.set("OData-Version", "4.0");
    const fault = parts.tokens.faultOf(bearerToken(request));
    if (fault === null) next();
    else refuseToken(parts, response, fault);
  });
  router.use(serviceLimits(parts.faults, parts.clock));
  router.use(webApiFaults(parts.faults, (response) => refuseToken(parts, response, "expired")));
  router.use(express.text({ type: "application/json", limit: "1mb" }));
  router.use(routes(parts));
  router.use(dataverseErrorWriter);
  return router;
}

function routes(parts: WebApiParts): RequestHandler {
  return async (request: Request, response: Response) => {
    const url = new URL(request.url, "http://simulator");
    const path = decodePath(url.pathname);
    const query = url.search.slice(1);
    const [, set, id, column] = FILE_VALUE.exec(path) ?? [];
    if (set !== undefined && id !== undefined && column !== undefined && request.method === "GET")
      return sendFileValue(parts, request, response, { set, id, column });
    const row = SINGLE_ROW.exec(path);
    const [, name, key] = row ?? FUNCTION_CALL.exec(path) ?? SET.exec(path) ?? [];
    if (name === undefined) throw unknownResource(path.slice(1));
    if (row === null && key !== undefined) callFunction(parts, request, response, { name, key, query });
    else if (request.method === "POST" && key === undefined && Object.hasOwn(FILE_ACTIONS, name))
      callAction(parts, request, response, name);
    else if (request.method !== "GET")
      sendWritten(parts, request, response, { name, key: key ?? null, query });
    else if (key === undefined) sendPage(parts, request, response, name, query);
    else sendRow(parts, request, response, name, key, query);
  };
}

function callFunction(
  parts: WebApiParts,
  request: Request,
  response: Response,
  { name, key, query }: { name: string; key: string; query: string },
): void {
  const known = { GetFileSasUrl: getFileSasUrl, EntityDefinitions: entityDefinition };
  if (name !== "GetFileSasUrl" && name !== "EntityDefinitions") throw unknownResource(`${name}(${key})`);
  if (request.method !== "GET") throw wrongMethod(request.method);
  sendOdata(response, known[name](parts, key, new URLSearchParams(query)));
}

function callAction(parts: WebApiParts, request: Request, response: Response, name: string): void {
  let body: unknown;
  try {
    body = JSON.parse(String(request.body));
  } catch (cause) {
    throw badQuery(`The body of ${name} is not JSON.`, { cause });
  }
  sendOdata(response, FILE_ACTIONS[name]?.(parts, body as Record<string, unknown>) ?? {});
}

/** 204 with the row's address; the row itself when `Prefer: return=representation` asks for it. */
function sendWritten(
  parts: WebApiParts,
  request: Request,
  response: Response,
  { name, key, query }: { name: string; key: string | null; query: string },
): void {
  const written = writeRow(parts.store, request, name, key);
  if (written === null) {
    response.status(204).end();
    return;
  }
  const { entity, id, created } = written;
  const address = `${parts.url()}${WEB_API_PATH}/${entity.set}(${id})`;
  response.set({ "OData-EntityId": address, Location: address });
  const row = parts.store.get(entity, id);
  if (row === undefined || !parsePrefer(request.get("Prefer")).wantsRepresentation) {
    response.status(204).end();
    return;
  }
  response.status(created ? 201 : 200);
  sendRowJson(parts, request, response, entity, row, query);
}

/** 401 with a challenge and no body: Microsoft documents none, so no client may need one. */
function refuseToken(parts: WebApiParts, response: Response, fault: "missing" | "unknown" | "expired"): void {
  const challenge = `Bearer authorization_uri=${parts.url()}/common/oauth2/authorize, resource_id=${parts.url()}/`;
  response.set("WWW-Authenticate", fault === "missing" ? challenge : `${challenge}, error=invalid_token`);
  response.status(401).end();
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw badQuery(`The path ${path} is not percent-encoded.`, { cause });
  }
}

/** Every thrown thing as Dataverse's error JSON. */
const dataverseErrorWriter: ErrorRequestHandler = (
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
