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
import { createAccess, requireSameOrigin } from "./access.ts";
import { AccessLog } from "./access-log.ts";
import { exportInteraction } from "./export/export-interaction.ts";
import { routeInteractions } from "./interactions.ts";
import { routeCustody } from "./custody-routes.ts";
import type { PlaceCall, ReplayCatalogue, ReplayCustody, ReplayStorage } from "./ports.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import type { ReplayTokens } from "./session-cookie.ts";
import { createSignIn } from "./sign-in.ts";

export interface ReplayOptions {
  catalogue: ReplayCatalogue;
  storage: ReplayStorage;
  custody: ReplayCustody;
  tokens: ReplayTokens;
  /** What signs exports; whoever may see interactions may have its public half. */
  signingKey: Pick<SigningKey, "publicPem" | "sign">;
  /** Where the bundled page is: index.html, main.js, main.css, icon.svg, viewer.html. */
  pageFolder: string;
  /** Names beside loopback that the Host header may carry. */
  allowedHosts: readonly string[];
  log: Log;
  /** Given when a simulated Dynamics is there: the page then has a button for it. */
  placeCall?: PlaceCall;
  /** Further calls below `/v1`, for whoever may view. */
  routes?: Router;
  clock?: Clock;
}

/** Paths that show the page; what it shows there it decides itself. */
const PAGE_PATHS = ["/", "/interactions/:id"];
/** Without secrets, and the sign-in page needs them. */
const PAGE_ASSETS = ["main.js", "main.css", "icon.svg"];

/**
 * Replay over HTTP: the page for people and `/v1` for programs and the page.
 *
 * @throws DeskreelError `PAGE_NOT_BUILT` when the page's folder lacks a file.
 */
export function createReplayApp(options: ReplayOptions): Express {
  const { catalogue, storage, custody, tokens, log, placeCall, clock = new WallClock() } = options;
  const pageFolder = resolve(options.pageFolder);
  for (const name of ["index.html", "viewer.html", ...PAGE_ASSETS]) {
    if (existsSync(resolve(pageFolder, name))) continue;
    throw new DeskreelError(
      "PAGE_NOT_BUILT",
      `${pageFolder} has no ${name}; build it with \`npm run bundle\``,
    );
  }
  const access = createAccess(tokens, clock);
  const signIn = createSignIn({ tokens, access, clock, log });
  const sendPageFile = (name: string, response: Response) => {
    response.set("Cache-Control", "no-cache");
    response.sendFile(resolve(pageFolder, name), { dotfiles: "allow", cacheControl: false });
  };

  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use(setSecurityHeaders, requireKnownHost(options.allowedHosts));
  for (const name of PAGE_ASSETS) app.get(`/${name}`, (_request, response) => sendPageFile(name, response));
  app.use(signIn.routes);
  app.get(PAGE_PATHS, (request, response) => {
    if (!signIn.interceptPage(request, response)) sendPageFile("index.html", response);
  });
  app.get("/v1/signing-key", access.requireViewer, (_request, response) => {
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
  app.use("/v1", access.requireViewer, interactions, routeCustody(custody));
  if (options.routes !== undefined) app.use("/v1", access.requireViewer, options.routes);
  app.get("/session", access.requireViewer, (_request, response) => {
    response.json({ scope: response.locals["scope"], canPlaceCall: placeCall !== undefined });
  });
  app.post("/simulator/calls", requireSameOrigin, access.requireViewer, async (request, response) => {
    response.status(202).json(await placeOneCall(placeCall, request));
  });
  app.use(unknownPath);
  app.use(problemWriter(log));
  return app;
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
