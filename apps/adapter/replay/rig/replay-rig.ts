import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Express, Router } from "express";
import { type HttpListener, listenHttp } from "#shared/http/listen.ts";
import { type Log, silentLog } from "#shared/runtime/log.ts";
import { InteractionCatalogue } from "../../archive/catalogue.ts";
import { type Clock, WallClock } from "#shared/time/wall-clock.ts";
import { Custody } from "../../archive/custody.ts";
import type { Archive } from "../../archive/archive.ts";
import { openSigningKey, type SigningKey } from "../../archive/signing-key.ts";
import { openMadeArchive } from "../../archive/rig/made-archive.ts";
import { AuditInspection } from "../../store/audit-inspection.ts";
import { openDatabase } from "../../store/database.ts";
import { type AdapterStores, createStores } from "../../store/stores.ts";
import type { AccessPolicy } from "../../domain/permissions.ts";
import type { HashCost } from "../identity/password-hasher.ts";
import type { LiveSource } from "../live-routes.ts";
import type { PlaceCall, ReplayCustody } from "../ports.ts";
import { createReplayApp } from "../server.ts";

export const TOKENS = { viewer: "viewer-token-0123456789", admin: "admin-token-0123456789" };
export const VIEWER = { Authorization: `Bearer ${TOKENS.viewer}` };

/** What agents see unless a test says otherwise. */
const CLOSED: AccessPolicy = { agentsSeeOwn: false, agentsSeeWatchers: false };
/** Passwords of tests are no secrets. */
const QUICK_HASH: HashCost = { memory: 8, passes: 1, parallelism: 1 };

/** Where the rig's archive has all its files. */
export const MADE_PLACE = "made";

/** Replay with a real catalogue over a scratch folder, listening on a free port. */
export interface ReplayRig extends AsyncDisposable {
  readonly url: string;
  readonly catalogue: InteractionCatalogue;
  readonly archive: Archive;
  readonly signingKey: SigningKey;
  readonly custody: ReplayCustody;
  readonly acts: Custody;
  readonly stores: AdapterStores;
  /** Another server over the same data, as after a restart; the caller's to close. */
  serve(): Promise<HttpListener>;
  /** The express app that listens at the url. */
  readonly app: Express;
  /** Where files of interactions are put: the absolute folder of {@link MADE_PLACE}. */
  readonly folder: string;
}

export interface RigOptions {
  pageFolder: string;
  /** Of a database that stays; absent: a new one in memory. */
  databasePath?: string;
  allowedHosts?: readonly string[];
  placeCall?: PlaceCall;
  live?: LiveSource;
  routes?: Router;
  log?: Log;
  policy?: AccessPolicy;
  trustedProxies?: readonly string[];
  clock?: Clock;
}

export async function openReplayRig(options: RigOptions): Promise<ReplayRig> {
  await using opened = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), "deskreel-replay-"));
  opened.defer(() => rm(scratch, { recursive: true, force: true }));
  const database = opened.use(openDatabase(options.databasePath ?? ":memory:"));
  const catalogue = new InteractionCatalogue(database);
  const stores = createStores(database);
  const archive = await openMadeArchive(scratch);
  const { storage } = archive;
  const folder = storage.locate(MADE_PLACE);
  await mkdir(folder);
  const clock = options.clock ?? new WallClock();
  const acts = new Custody({
    archive,
    catalogue,
    stores,
    dataDir: scratch,
    clock,
    log: silentLog(),
  });
  const custody: ReplayCustody = {
    ...{ acts, store: stores.custody, audit: stores.audit },
    auditCheck: new AuditInspection(stores.audit, clock, 0),
  };
  const signingKey = await openSigningKey(join(scratch, "signing-key.pem"));
  const makeApp = () =>
    createReplayApp({
      ...{ catalogue, storage, custody, tokens: TOKENS, signingKey },
      ...{ stores, policy: options.policy ?? CLOSED, hashCost: QUICK_HASH },
      ...{ allowedHosts: [], trustedProxies: [], log: silentLog() },
      ...options,
    });
  const listen = (handler: Express) => listenHttp("replay", { host: "127.0.0.1", port: 0 }, handler);
  const app = makeApp();
  const listener: HttpListener = opened.use(await listen(app));
  const owned = opened.move();
  return {
    ...{ app, serve: () => listen(makeApp()) },
    ...{ url: listener.url, catalogue, archive, custody, acts, stores, folder, signingKey },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
