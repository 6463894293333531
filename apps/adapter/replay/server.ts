import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import express, { type Express, type Request, type Response, type Router } from "express";
import { requireKnownHost } from "#shared/http/guards.ts";
import { HttpProblem, problemWriter, unknownPath } from "#shared/http/problem.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { type Clock, WallClock } from "#shared/time/wall-clock.ts";
import type { SigningKey } from "../archive/signing-key.ts";
import { Verifications } from "../archive/verification.ts";
import type { AccessPolicy } from "../domain/permissions.ts";
import { permitOf, requireAction, requireIdentity, requireSameOrigin } from "./access.ts";
import { AccessLog } from "./access-log.ts";
import { exportInteraction } from "./export/export-interaction.ts";
import { routeInteractions } from "./interactions.ts";
import { routeCustody } from "./custody-routes.ts";
import type { AdapterStores } from "../store/stores.ts";
import { routeLedger } from "./ledger-routes.ts";
import { type LiveSource, routeLive } from "./live-routes.ts";
import type { PlaceCall, ReplayCatalogue, ReplayCustody, ReplayStorage } from "./ports.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import { routeAccounts } from "./identity/account-routes.ts";
import { Accounts, type AccountStores } from "./identity/accounts.ts";
import { Authentication } from "./identity/authentication.ts";
import type { Identity } from "./identity/identity.ts";
import { HASH_COST, type HashCost, PasswordHasher } from "./identity/password-hasher.ts";
import { routePasswordPage } from "./identity/password-page.ts";
import { describeSession } from "./identity/session-facts.ts";
import { Sessions } from "./identity/sessions.ts";
import { type ReplayTokens, TokenDirectory } from "./identity/tokens.ts";
import { knownIdentities } from "./identity/who-asks.ts";
import { routeNotes } from "./note-routes.ts";
import { createSignIn } from "./sign-in.ts";
import { routeTrust } from "./trust-routes.ts";

export interface ReplayOptions {
  catalogue: ReplayCatalogue;
  storage: ReplayStorage;
  custody: ReplayCustody;
  tokens: ReplayTokens;
  stores: AccountStores & Pick<AdapterStores, "notes">;
  policy: AccessPolicy;
  /** Proxies whose word about a request's origin and its TLS counts: addresses or networks. */
  trustedProxies: readonly string[];
  /** Of passwords; absent: what OWASP advises. */
  hashCost?: HashCost;
  /** What signs exports; whoever may see interactions may have its public half. */
  signingKey: Pick<SigningKey, "publicPem" | "sign">;
  /** Where the bundled page is: index.html, main.js, main.css, icon.svg, viewer.html. */
  pageFolder: string;
  /** Names beside loopback that the Host header may carry. */
  allowedHosts: readonly string[];
  log: Log;
  /** Given when a simulated Dynamics is there: the page then has a button for it. */
  placeCall?: PlaceCall;
  /** Absent: there is no recorder. */
  live?: LiveSource;
  /** Further calls below `/v1`, for whoever may view. */
  routes?: Router;
  clock?: Clock;
}

/** Paths that show the page; what it shows there it decides itself. */
const PAGE_PATHS = ["/", "/interactions/:id", "/coverage", "/live", "/audit", "/accounts"];
/** Without secrets, and the sign-in page needs them. */
const PAGE_ASSETS = ["main.js", "main.css", "icon.svg"];

/**
 * Replay over HTTP: the page for people and `/v1` for programs and the page.
 *
 * @throws DeskreelError `PAGE_NOT_BUILT` when the page's folder lacks a file.
 */
export function createReplayApp(options: ReplayOptions): Express {
  const { catalogue, storage, custody, policy, log, placeCall, clock = new WallClock() } = options;
  const pageFolder = resolve(options.pageFolder);
  for (const name of ["index.html", "viewer.html", ...PAGE_ASSETS]) {
    if (existsSync(resolve(pageFolder, name))) continue;
    throw new DeskreelError(
      "PAGE_NOT_BUILT",
      `${pageFolder} has no ${name}; build it with \`npm run bundle\``,
    );
  }
  const hasher = new PasswordHasher(options.hashCost ?? HASH_COST);
  const accounts = new Accounts(options.stores, hasher, clock);
  const sessions = new Sessions(options.stores.sessions, clock);
  const tokens = new TokenDirectory(options.tokens);
  const authentication = new Authentication({ stores: options.stores, accounts, tokens, hasher, clock });
  const identities = knownIdentities({ tokens, accounts, sessions });
  const requireKnown = requireIdentity(identities, policy);
  const sessionOf = (who: Identity) => describeSession(who, policy, placeCall !== undefined);
  const signIn = createSignIn({
    ...{ authentication, identities, sessions, log, describeSession: sessionOf },
    noteSignOut: (name, address) => accounts.note(name, "signed-out", `from ${address}`),
  });
  const sendPageFile = (name: string, response: Response) => {
    response.set("Cache-Control", "no-cache");
    response.sendFile(resolve(pageFolder, name), { dotfiles: "allow", cacheControl: false });
  };

  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("trust proxy", [...options.trustedProxies]);
  app.use(setSecurityHeaders, requireKnownHost(options.allowedHosts));
  for (const name of PAGE_ASSETS) app.get(`/${name}`, (_request, response) => sendPageFile(name, response));
  app.use(signIn.routes);
  app.use(routePasswordPage({ accounts, authentication, sessions }, requireKnown, signIn.interceptPage));
  app.get(PAGE_PATHS, async (request, response) => {
    if (!(await signIn.interceptPage(request, response))) sendPageFile("index.html", response);
  });
  app.get("/v1/signing-key", requireKnown, (_request, response) => {
    response.type("application/x-pem-file").send(options.signingKey.publicPem);
  });
  const isHeld = (id: string) => custody.store.isHeld(id);
  const accesses = new AccessLog(custody.audit, clock);
  const makeZip = async (place: string) => {
    const viewerPage = await readFile(resolve(pageFolder, "viewer.html"), "utf8");
    const { signingKey } = options;
    return await exportInteraction({ storage, place, signingKey, viewerPage, now: clock.now() });
  };
  const interactions = routeInteractions({ catalogue, storage, isHeld, accesses, makeZip });
  app.use("/v1", requireKnown, interactions, routeCustody(custody, catalogue));
  app.use("/v1", requireKnown, routeLedger(catalogue, clock));
  const live = options.live ?? { read: () => Promise.resolve([]) };
  app.use("/v1", requireKnown, routeLive({ live, catalogue, accesses, clock }));
  const verifications = new Verifications(storage, (id) => custody.store.isDeleted(id), clock);
  app.use("/v1", requireKnown, routeTrust({ catalogue, verifications, audit: custody.audit, clock }));
  app.use("/v1", requireKnown, routeNotes({ catalogue, stores: options.stores, clock }));
  app.use("/v1", requireKnown, routeAccounts({ accounts, authentication, sessions }));
  if (options.routes !== undefined) app.use("/v1", requireKnown, options.routes);
  app.get("/session", requireKnown, (_request, response) => {
    response.json(sessionOf(permitOf(response).identity));
  });
  app.post(
    "/simulator/calls",
    requireSameOrigin,
    requireKnown,
    requireAction("place-call"),
    async (request, response) => {
      response.status(202).json(await placeOneCall(placeCall, request));
    },
  );
  app.use(async (request, response) => {
    if (!isMistyped(request)) unknownPath(request);
    response.status(404);
    if (!(await signIn.interceptPage(request, response))) sendPageFile("index.html", response);
  });
  app.use(problemWriter(log));
  return app;
}

/** Whether a person has gone to an address that there is not: the page says so; programs get a problem. */
function isMistyped(request: Request): boolean {
  return (
    request.method === "GET" &&
    !request.path.startsWith("/v1/") &&
    request.accepts(["json", "html"]) === "html"
  );
}

async function placeOneCall(placeCall: PlaceCall | undefined, request: Request): ReturnType<PlaceCall> {
  if (placeCall === undefined) unknownPath(request);
  try {
    return await placeCall();
  } catch (cause) {
    throw new HttpProblem(503, `the simulated Dynamics did not place a call: ${describeError(cause)}`, {
      cause,
    });
  }
}
