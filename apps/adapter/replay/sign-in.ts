import express, { type Request, type Response, Router } from "express";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { type Access, requireSameOrigin } from "./access.ts";
import {
  issueSession,
  type ReplayTokens,
  SESSION_COOKIE,
  SESSION_LASTS_MS,
  scopeOfToken,
} from "./session-cookie.ts";
import { renderSignInPage, type SignInReason } from "./sign-in-page.ts";

export interface SignInOptions {
  tokens: ReplayTokens;
  access: Access;
  clock: Clock;
  log: Log;
}

/** What the browser is told to do with a page request. */
export interface SignIn {
  /** The form's target and the way out. */
  readonly routes: Router;
  /** Exchanges `?token=`, or shows the sign-in page; false when the person is signed in and the page can be sent. */
  readonly interceptPage: (request: Request, response: Response) => boolean;
}

export function createSignIn({ tokens, access, clock, log }: SignInOptions): SignIn {
  /** Never logs or repeats the token. */
  const exchange = (token: string, next: string, response: Response) => {
    const scope = scopeOfToken(tokens, token);
    if (scope === null) {
      log.warn("sign-in refused: unknown token");
      sendSignInPage(response, "wrong-token", next, false);
      return;
    }
    const secure = response.req.secure ? "; Secure" : "";
    response.append(
      "Set-Cookie",
      `${SESSION_COOKIE}=${issueSession(tokens, scope, clock.now())}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${
        SESSION_LASTS_MS / 1000
      }${secure}`,
    );
    log.info({ scope }, "signed in");
    response.redirect(303, next);
  };

  const interceptPage = (request: Request, response: Response) => {
    const [, search = ""] = /\?(.*)/s.exec(request.originalUrl) ?? [];
    const query = new URLSearchParams(search);
    const token = query.get("token");
    query.delete("token");
    const next = ownPath(request.path + (query.size === 0 ? "" : `?${query.toString()}`));
    if (token !== null) {
      exchange(token, next, response);
      return true;
    }
    if (access.sessionScope(request) !== null) return false;
    sendSignInPage(response, "not-signed-in", next, request.headers["sec-fetch-site"] === "cross-site");
    return true;
  };

  const routes = Router();
  routes.post("/sign-in", requireSameOrigin, express.urlencoded({ limit: "8kb" }), (request, response) => {
    const form: unknown = request.body;
    const token = typeof form === "object" && form !== null && "token" in form ? form.token : undefined;
    const next = typeof request.query["next"] === "string" ? ownPath(request.query["next"]) : "/";
    exchange(typeof token === "string" ? token.trim() : "", next, response);
  });
  routes.post("/sign-out", requireSameOrigin, (_request, response) => {
    response.append("Set-Cookie", `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
    response.redirect(303, "/");
  });
  return { routes, interceptPage };
}

function sendSignInPage(response: Response, reason: SignInReason, next: string, reload: boolean): void {
  // Under no-referrer browsers send `Origin: null` with forms, and then the form could not be told from a foreign one.
  response.set("Referrer-Policy", "same-origin");
  response
    .status(401)
    .type("html")
    .send(renderSignInPage(reason, next, reload));
}

/** Keeps a redirect on this server: `//host` and `/\host` would leave it. */
function ownPath(path: string): string {
  return /^\/(?![/\\])/.test(path) ? path : "/";
}
