import { randomUUID } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import { secretsEqual } from "#shared/http/guards.ts";
import type { AccessTokens } from "./access-tokens.ts";

/** The one app registration that the simulated tenant knows. */
export interface Credentials {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An Entra error: its number in `AADSTS…`, the OAuth word (RFC 6749 5.2), the HTTP status. */
interface EntraFault {
  readonly status: 400 | 401;
  readonly error: string;
  readonly number: number;
  readonly text: string;
}

/**
 * Entra's `POST /{tenant}/oauth2/v2.0/token` for client credentials with a secret
 * (learn.microsoft.com, "OAuth 2.0 client credentials flow").
 *
 * @param resource - the environment's URL; the scope must be it with `/.default`.
 */
export function tokenEndpoint(
  credentials: Credentials,
  resource: () => string,
  tokens: AccessTokens,
): RequestHandler {
  return (request: Request, response: Response) => {
    response.set({ "Cache-Control": "no-store, no-cache", Pragma: "no-cache" });
    const form = formOf(request);
    const fault = findFault(String(request.params["tenant"]), form, credentials, resource());
    if (fault !== null) {
      refuse(response, fault);
      return;
    }
    response.json({
      token_type: "Bearer",
      expires_in: tokens.lifetimeS,
      ext_expires_in: tokens.lifetimeS,
      access_token: tokens.issue(),
    });
  };
}

/** Answers as to a wrong secret. */
export function refuseSecret(credentials: Credentials, response: Response): void {
  refuse(response, invalidSecret(credentials));
}

function refuse(response: Response, fault: EntraFault): void {
  response.status(fault.status).json(errorBody(fault));
}

function invalidSecret({ clientId }: Credentials): EntraFault {
  const text = `Invalid client secret provided for app '${clientId}'.`;
  return { status: 401, error: "invalid_client", number: 7000215, text };
}

function formOf(request: Request): URLSearchParams {
  return new URLSearchParams(typeof request.body === "string" ? request.body : "");
}

function findFault(
  tenant: string,
  form: URLSearchParams,
  known: Credentials,
  resource: string,
): EntraFault | null {
  if (tenant.toLowerCase() !== known.tenantId.toLowerCase()) {
    return invalidRequest(
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`,
    );
  }
  for (const name of ["grant_type", "client_id", "scope"]) {
    if (!form.get(name)) {
      return invalidRequest(900144, `The request body must contain the following parameter: '${name}'.`);
    }
  }
  if (form.get("grant_type") !== "client_credentials") {
    const text = `The app requested an unsupported grant type '${form.get("grant_type")}'.`;
    return { status: 400, error: "unsupported_grant_type", number: 70003, text };
  }
  if (form.get("client_id")?.toLowerCase() !== known.clientId.toLowerCase()) {
    const text = `Application with identifier '${form.get("client_id")}' was not found in the directory '${tenant}'.`;
    return { status: 400, error: "unauthorized_client", number: 700016, text };
  }
  const secret = form.get("client_secret");
  if (!secret) {
    const text =
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    return { status: 401, error: "invalid_client", number: 7000218, text };
  }
  if (!secretsEqual(secret, known.clientSecret)) {
    return invalidSecret(known);
  }
  return findScopeFault(form.get("scope") ?? "", tenant, resource);
}

function findScopeFault(scope: string, tenant: string, resource: string): EntraFault | null {
  if (!scope.endsWith("/.default")) {
    const text = `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    return { status: 400, error: "invalid_scope", number: 1002012, text };
  }
  if (scope !== `${resource}/.default`) {
    const text = `The resource principal named ${scope.slice(0, -"/.default".length)} was not found in the tenant named ${tenant}.`;
    return { status: 400, error: "invalid_resource", number: 500011, text };
  }
  return null;
}

function invalidRequest(number: number, text: string): EntraFault {
  return { status: 400, error: "invalid_request", number, text };
}

function errorBody(fault: EntraFault) {
  const timestamp = new Date()
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
  const ids = { trace_id: randomUUID(), correlation_id: randomUUID() };
  return {
    error: fault.error,
    error_description: `AADSTS${fault.number}: ${fault.text} Trace ID: ${ids.trace_id} Correlation ID: ${ids.correlation_id} Timestamp: ${timestamp}`,
    error_codes: [fault.number],
    timestamp,
    ...ids,
  };
}
