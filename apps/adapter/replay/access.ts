import type { Request, RequestHandler, Response } from "express";
import { bearerToken } from "#shared/http/guards.ts";
import { HttpProblem } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import {
  type ReplayTokens,
  readCookie,
  readSession,
  SESSION_COOKIE,
  type Scope,
  scopeOfToken,
} from "./session-cookie.ts";

/** Tells who asks: programs by a bearer token, people by the session cookie. */
export interface Access {
  /** The scope of the request's session cookie, or null. */
  readonly sessionScope: (request: Request) => Scope | null;
  /**
   * Lets requests pass that carry either; leaves the scope in `response.locals.scope`.
   *
   * @throws HttpProblem 401
   */
  readonly requireViewer: RequestHandler;
}

export function createAccess(tokens: ReplayTokens, clock: Clock): Access {
  const sessionScope = (request: Request) => {
    const cookie = readCookie(request.headers.cookie, SESSION_COOKIE);
    return cookie === null ? null : readSession(tokens, cookie, clock.now());
  };
  const requireViewer: RequestHandler = (request, response, next) => {
    const token = bearerToken(request);
    const scope = token === null ? sessionScope(request) : scopeOfToken(tokens, token);
    if (scope === null) {
      const why =
        token === null
          ? "a bearer token or a signed-in session is required"
          : "the bearer token is unknown; the adapter's tokens file has the ones that are valid";
      throw new HttpProblem(401, why, { headers: { "WWW-Authenticate": 'Bearer realm="deskreel"' } });
    }
    response.locals["scope"] = scope;
    next();
  };
  return { sessionScope, requireViewer };
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

/** Lets admins pass; comes after {@link Access.requireViewer}. */
export const requireAdmin: RequestHandler = (_request, response, next) => {
  if (response.locals["scope"] !== "admin") throw new HttpProblem(403, "this is for admins only");
  next();
};
