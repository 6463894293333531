import { randomBytes } from "node:crypto";
import express from "express";
import { requireKnownHost } from "#shared/http/guards.ts";
import { listenHttp } from "#shared/http/listen.ts";
import { problemWriter, unknownPath } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { type Clock, WallClock } from "#shared/time/wall-clock.ts";
import { DataverseStore } from "./dataverse/dataverse-store.ts";
import { seedRows } from "./dataverse/seed-rows.ts";
import type { FaultSettingsInput } from "./faults/fault-settings.ts";
import { Faults } from "./faults/faults.ts";
import { tokenFaults } from "./faults/http-faults.ts";
import { AccessTokens } from "./http/access-tokens.ts";
import { blobEndpoint } from "./http/blob-endpoint.ts";
import { BLOB_PATH, BlobLinks } from "./http/blob-links.ts";
import { controlEndpoint } from "./http/control-endpoint.ts";
import { dateHeader } from "./http/date-header.ts";
import { RequestLog } from "./http/request-log.ts";
import { type Credentials, refuseSecret, tokenEndpoint } from "./http/token-endpoint.ts";
import { webApi } from "./http/web-api.ts";
import { WEB_API_PATH } from "./http/web-api-parts.ts";
import { CallCentre } from "./script/call-centre.ts";
import { type CallScriptInput, parseCallScript } from "./script/call-script.ts";
import type { CallTruth } from "./script/call-truth.ts";
import type { PlacedCall } from "./script/placed-call.ts";
import { placeCall } from "./script/play-call.ts";
import { loadCallScript } from "./script/shipped-scripts.ts";
import { SimulatedTables } from "./simulated-tables.ts";
import { WebhookSender } from "./webhooks/webhook-sender.ts";

/** How a simulator is started; everything but the log has a default. */
export interface DynamicsOptions {
  readonly log: Log;
  /** 0 (the default) = any free one. Always on 127.0.0.1. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly credentials?: Credentials;
  /** How it misbehaves from the start; default: not at all. */
  readonly faults?: FaultSettingsInput;
  /** How long access tokens are valid, in seconds. */
  readonly tokenLifetimeS?: number;
  /** How long blob links are valid, in seconds. */
  readonly sasLifetimeS?: number;
  /** Where blob links point to, without a trailing slash; default: to itself. */
  readonly blobUrl?: string;
  /** Makes the ids of conversations and their rows; default: random ones. */
  readonly newId?: () => string;
}

/** A running Dynamics simulator: Entra's token endpoint, the Web API, the blobs, scripted calls. */
export interface DynamicsSimulator extends AsyncDisposable, Credentials {
  /** The environment's URL and the authority's in one, e.g. `http://127.0.0.1:7600`. */
  readonly url: string;
  /** Direct access to the rows, for tests. */
  readonly tables: SimulatedTables;
  /** The newest requests, for tests. */
  readonly requests: RequestLog;
  /** How it misbehaves, for changing while it runs. */
  readonly faults: Faults;
  /** What was posted to the registered webhooks. */
  readonly webhooks: Pick<WebhookSender, "posts" | "clear" | "idle">;
  /** What really happened in the calls that have begun, in their order; see `script/call-truth.ts`. */
  readonly truths: readonly CallTruth[];
  /** Makes every access token given out so far invalid. */
  expireTokens(): void;
  /**
   * Plays a shipped script by name, or one given.
   *
   * @throws CallScriptError for a faulty script, DeskreelError `NO_SPEECH` without espeak-ng.
   */
  placeCall(script: string | CallScriptInput, options?: { readonly startAt?: EpochMs }): Promise<PlacedCall>;
}

const TENANT_ID = "dddd3333-ee44-4555-86ff-777777aaaaaa";
const CLIENT_ID = "00001111-aaaa-4222-8bbb-3333cccc4444";
/** Entra's usual lifetime. */
const TOKEN_LIFETIME_S = 3_599;
/** Dataverse's lifetime of file links. */
const SAS_LIFETIME_S = 3_600;

/**
 * Starts the simulator on 127.0.0.1. Disposing ends the calls that are playing, then the webhooks, then the server.
 *
 * @throws DeskreelError `PORT_TAKEN` or `CANNOT_LISTEN`.
 */
export async function startDynamics(options: DynamicsOptions): Promise<DynamicsSimulator> {
  const { log } = options;
  const clock = options.clock ?? new WallClock();
  const credentials = options.credentials ?? {
    tenantId: TENANT_ID,
    clientId: CLIENT_ID,
    clientSecret: randomBytes(24).toString("base64url"),
  };
  const store = new DataverseStore(clock);
  seedRows(store);
  const faults = new Faults(options.faults);
  const tokens = new AccessTokens(clock, options.tokenLifetimeS ?? TOKEN_LIFETIME_S);
  const blobs = new BlobLinks(clock, options.sasLifetimeS ?? SAS_LIFETIME_S);
  const requests = new RequestLog(clock);
  const centre = new CallCentre(store, options.newId);
  const calls = new Map<string, PlacedCall>();
  const end = new AbortController();
  let url = "";
  const webhooks = new WebhookSender({ store, faults, clock, log, url: () => url });

  const place: DynamicsSimulator["placeCall"] = async (script, { startAt } = {}) => {
    end.signal.throwIfAborted();
    const parsed = typeof script === "string" ? await loadCallScript(script) : parseCallScript(script);
    const call = await placeCall({ centre, clock, webhooks, log }, parsed, startAt ?? null, end.signal);
    for (const one of [call, ...call.beside]) calls.set(one.callSessionId, one);
    log.info({ callSessionId: call.callSessionId }, "call placed");
    return call;
  };

  const app = express().disable("x-powered-by").set("etag", false).set("query parser", false);
  app.use(requests.middleware());
  app.use(dateHeader(() => clock.now() + faults.settings.dateSkewMs));
  app.use(requireKnownHost([]));
  app.post(
    "/:tenant/oauth2/v2.0/token",
    express.text({ type: "application/x-www-form-urlencoded" }),
    tokenFaults(faults, (response) => refuseSecret(credentials, response)),
    tokenEndpoint(credentials, () => url, tokens),
  );
  const blobUrl = () => options.blobUrl ?? url;
  app.use(WEB_API_PATH, webApi({ store, tokens, blobs, faults, clock, url: () => url, blobUrl }));
  app.get(`${BLOB_PATH}/:fileId`, blobEndpoint(store, blobs, faults));
  app.use(
    "/simulator",
    controlEndpoint({ placeCall: place, call: (id) => calls.get(id.toLowerCase()), faults, webhooks }),
  );
  app.use(unknownPath);
  app.use(problemWriter(log));

  const listener = await listenHttp(
    "the Dynamics simulator",
    { host: "127.0.0.1", port: options.port ?? 0 },
    app,
  );
  url = listener.url;
  return {
    ...credentials,
    url,
    tables: new SimulatedTables(store),
    requests,
    faults,
    webhooks,
    truths: centre.truths,
    expireTokens: () => tokens.expireAll(),
    placeCall: place,
    async [Symbol.asyncDispose]() {
      end.abort(new DeskreelError("SIMULATOR_STOPPED", "the Dynamics simulator was stopped"));
      await Promise.allSettled([...calls.values()].map((call) => call.finished));
      await webhooks[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}
