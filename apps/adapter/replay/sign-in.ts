import express, { type Request, type Response, Router } from "express";
import { z } from "zod";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import type { Log } from "#shared/runtime/log.ts";
import { addressOf, requireSameOrigin } from "./access.ts";
import type { Authenticated, Authentication } from "./identity/authentication.ts";
import type { Identities } from "./identity/identity.ts";
import { type PageTexts, textsFor } from "./identity/page-texts.ts";
import { renderSignInPage, SIGN_IN_SCRIPT, SIGN_IN_SCRIPT_PATH, type SignInPage } from "./identity/pages.ts";
import type { Sessions } from "./identity/sessions.ts";

export interface SignInOptions {
  authentication: Authentication;
  identities: Identities;
  sessions: Sessions;
  /** Notes that somebody has signed out. */
  noteSignOut: (name: string, address: string) => void;
  /** What `GET /session` says of somebody. */
  describeSession: (who: Authenticated["identity"]) => unknown;
  log: Log;
}

/** What the browser is told to do with a page request. */
export interface SignIn {
  /** Where people sign in and out. */
  readonly routes: Router;
  /** Exchanges `?token=`, or shows the sign-in page; false when the person is signed in and the page can be sent. */
  readonly interceptPage: (request: Request, response: Response) => Promise<boolean>;
}

/** Where people change their own password. */
export const PASSWORD_PAGE = "/password";

const secret = z.string("must be a text").max(1_024, "must have at most 1024 characters");
export const credentialsSchema = z.union(
  [
    z.strictObject({ token: secret }),
    z.strictObject({ name: secret.max(320, "must have at most 320 characters"), password: secret }),
  ],
  "must be name and password, or token",
);
type Credentials = z.output<typeof credentialsSchema>;

const BODIES = [express.json({ limit: "8kb" }), express.urlencoded({ limit: "8kb" })];

export function createSignIn(options: SignInOptions): SignIn {
  const { authentication, identities, sessions, log } = options;

  /** Never logs or repeats what was shown. */
  const signIn = async (request: Request, response: Response, shown: Credentials) => {
    const address = addressOf(request);
    let found: Authenticated;
    try {
      found = await ("token" in shown
        ? authentication.byToken(shown.token.trim(), address)
        : authentication.byPassword(shown.name, shown.password, address));
    } catch (error) {
      if (error instanceof HttpProblem) log.warn({ status: error.status, address }, "sign-in refused");
      throw error;
    }
    sessions.begin(request, response, found.identity.subject, found.boundTo);
    log.info({ role: found.identity.role }, "signed in");
    return found.identity;
  };

  const signInOnPage = async (request: Request, response: Response, shown: Credentials, next: string) => {
    try {
      await signIn(request, response, shown);
      response.redirect(303, next);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      const texts = textsFor(request);
      const reason = refusalIn(texts, error, "token" in shown);
      const name = "name" in shown ? shown.name : "";
      response.set(error.headers);
      sendSignInPage(response, error.status, texts, {
        reason,
        next,
        name,
        isRefused: true,
        isToken: "token" in shown,
        reload: false,
      });
    }
  };

  const interceptPage = async (request: Request, response: Response) => {
    const [, search = ""] = /\?(.*)/s.exec(request.originalUrl) ?? [];
    const query = new URLSearchParams(search);
    const token = query.get("token");
    query.delete("token");
    const next = ownPath(request.path + (query.size === 0 ? "" : `?${query.toString()}`));
    const site = request.headers["sec-fetch-site"];
    // Any page can have a browser ask for this: its guesses lock nobody out, and are no noise in the audit log.
    const isAnyonesGuess = isForeign(site) && token !== null && !authentication.knowsToken(token.trim());
    if (token !== null && !isAnyonesGuess) {
      await signInOnPage(request, response, { token }, next);
      return true;
    }
    const identity = identities.whoIsSignedIn(request);
    if (identity !== null) {
      const isElsewhere = identity.mustChangePassword && request.path !== PASSWORD_PAGE;
      if (isElsewhere) response.redirect(303, PASSWORD_PAGE);
      return isElsewhere;
    }
    const texts = textsFor(request);
    sendSignInPage(response, 401, texts, {
      reason: isAnyonesGuess ? texts.wrongToken : texts.notSignedIn,
      next,
      name: "",
      isRefused: isAnyonesGuess,
      isToken: isAnyonesGuess,
      // With the token in its address it would be asked for as if from here.
      reload: isForeign(site) && token === null,
    });
    return true;
  };

  const routes = Router();
  routes.get(SIGN_IN_SCRIPT_PATH, (_request, response) => {
    response.type("text/javascript").send(SIGN_IN_SCRIPT);
  });
  routes.post("/sign-in", requireSameOrigin, ...BODIES, async (request, response) => {
    const shown = parseRequest(credentialsSchema, request.body ?? {}, "the body");
    if (typeof request.is("json") === "string") {
      const identity = await signIn(request, response, shown);
      response.json(options.describeSession(identity));
      return;
    }
    const next = typeof request.query["next"] === "string" ? ownPath(request.query["next"]) : "/";
    await signInOnPage(request, response, shown, next);
  });
  routes.post("/sign-out", requireSameOrigin, (request, response) => {
    const identity = identities.whoIsSignedIn(request);
    if (identity !== null) options.noteSignOut(identity.name, addressOf(request));
    sessions.end(request, response);
    if (typeof request.is("json") === "string") response.status(204).end();
    else response.redirect(303, "/");
  });
  return { routes, interceptPage };
}

/** What a page says when somebody was not let in. */
export function refusalIn(texts: PageTexts, { status, headers }: HttpProblem, isToken = false): string {
  if (status === 429) return texts.tooMany(Number(headers["Retry-After"]));
  if (status === 503) return texts.busy;
  return isToken ? texts.wrongToken : texts.wrong;
}

function sendSignInPage(response: Response, status: number, texts: PageTexts, page: SignInPage): void {
  sendOwnPage(response, status, renderSignInPage(texts, page));
}

/** Sends a page with a form of ours. */
export function sendOwnPage(response: Response, status: number, html: string): void {
  // Under no-referrer browsers send `Origin: null` with forms, and then the form could not be told from a foreign one.
  response.set("Referrer-Policy", "same-origin");
  response.vary("Accept-Language");
  response.status(status).type("html").send(html);
}

/** Whether another site's page had the browser ask; what a person types or opens from a mail program is nobody's. */
function isForeign(site: string | string[] | undefined): boolean {
  return site === "cross-site" || site === "same-site";
}

/** Keeps a redirect on this server: `//host` and `/\host` would leave it. */
function ownPath(path: string): string {
  return /^\/(?![/\\])/.test(path) ? path : "/";
}
