import type { Request, RequestHandler, Response } from "express";
import { bearerToken } from "#shared/http/guards.ts";
import { HttpProblem } from "#shared/http/problem.ts";
import {
  type AccessPolicy,
  type Action,
  isVisible,
  type LiveScope,
  liveScope,
  mayDo,
  visibleAgents,
} from "../domain/permissions.ts";
import type { Identities, Identity } from "./identity/identity.ts";
import type { ReplayCatalogue } from "./ports.ts";

/** What whoever asks may see and do. */
export interface Permit {
  readonly identity: Identity;
  /** Only interactions with one of these agents; null: all. */
  readonly visible: readonly string[] | null;
  readonly may: (action: Action) => boolean;
  /** What of the present; null: nothing. */
  readonly live: LiveScope | null;
}

const PERMIT = "permit";
/** What may be done while the password has to be changed. */
const BEFORE_CHANGE = ["GET /session", "POST /v1/account/password", "GET /password", "POST /password"];

/**
 * Lets requests pass of whom it is known who asks.
 *
 * @throws HttpProblem 401; 403 while the password has to be changed first.
 */
export function requireIdentity(identities: Identities, policy: AccessPolicy): RequestHandler {
  return (request, response, next) => {
    const identity = identities.whoAsks(request);
    if (identity === null) {
      const why =
        bearerToken(request) === null
          ? "a bearer token or a signed-in session is required"
          : "the bearer token is unknown; the adapter's tokens file has the ones that are valid";
      throw new HttpProblem(401, why, { headers: { "WWW-Authenticate": 'Bearer realm="deskreel"' } });
    }
    const call = `${request.method} ${request.baseUrl}${request.path}`;
    if (identity.mustChangePassword && !BEFORE_CHANGE.includes(call)) {
      throw new HttpProblem(403, "somebody else knows your password: change it first");
    }
    const permit: Permit = {
      identity,
      visible: visibleAgents(identity, policy),
      may: (action) => mayDo(identity, action, policy),
      live: liveScope(identity, policy),
    };
    response.locals[PERMIT] = permit;
    next();
  };
}

/** Comes after {@link requireIdentity}. */
export function permitOf(response: Response): Permit {
  return response.locals[PERMIT] as Permit;
}

/** Lets those pass who may do this at all; comes after {@link requireIdentity}. @throws HttpProblem 403 */
export function requireAction(action: Action): RequestHandler {
  return (_request, response, next) => {
    const { identity, may } = permitOf(response);
    if (!may(action)) throw new HttpProblem(403, `the role ${identity.role} does not allow this`);
    next();
  };
}

/**
 * An interaction that may be seen; one that may not is told in no other way than one that is not there.
 *
 * @throws HttpProblem 404
 */
export function visibleInteraction(
  catalogue: Pick<ReplayCatalogue, "get">,
  response: Response,
  id: string,
): NonNullable<ReturnType<ReplayCatalogue["get"]>> {
  const found = catalogue.get(id);
  const agents = found?.manifest.agents.map(({ agent }) => agent) ?? [];
  if (found === null || !isVisible(agents, permitOf(response).visible)) {
    throw new HttpProblem(404, `interaction ${JSON.stringify(id)} is unknown`);
  }
  return found;
}

/**
 * Refuses a request that changes something when a page of another origin caused it: cookies alone do not tell.
 * `Sec-Fetch-Site` is the browser's own word; older browsers still send `Origin` with every POST.
 *
 * @throws HttpProblem 403
 */
export const requireSameOrigin: RequestHandler = (request: Request, _response: Response, next) => {
  const site = request.headers["sec-fetch-site"];
  const { origin, host } = request.headers;
  const isOwn = site === undefined ? origin === `${request.protocol}://${host}` : site === "same-origin";
  // A program with a bearer token is not a browser that was lured.
  if (!isOwn && bearerToken(request) === null) {
    throw new HttpProblem(403, "this can only be sent from Deskreel's own pages or with a bearer token");
  }
  next();
};

/** From where a request comes; a proxy's word counts only where the configuration trusts it. */
export function addressOf(request: Request): string {
  return request.ip ?? "a closed connection";
}
