import { mkdir } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { openCertificate } from "#shared/http/certificate.ts";
import { listenHttp } from "#shared/http/listen.ts";
import type { AdapterConfig, DynamicsConfig } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import { openTokensFile } from "#shared/runtime/tokens-file.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { Archive } from "./archive/archive.ts";
import { InteractionCatalogue } from "./archive/catalogue.ts";
import { Custody } from "./archive/custody.ts";
import { openSigningKey } from "./archive/signing-key.ts";
import { openStorage } from "./archive/storage/open-storage.ts";
import type { ReadinessRules } from "./domain/readiness.ts";
import { runHandoff } from "./handoff/handoff-loop.ts";
import { DynamicsIntake } from "./intake/dynamics-intake.ts";
import { runAuditAnchors } from "./jobs/audit-anchors.ts";
import { InteractionJobs } from "./jobs/interaction-jobs.ts";
import { noteConfiguration } from "./jobs/note-configuration.ts";
import { runRelease } from "./jobs/release-sources.ts";
import { runRetention } from "./jobs/retention-loop.ts";
import type { LoopHealth } from "#shared/loop/keep-trying.ts";
import { LiveRecorders } from "./live/live-recorders.ts";
import { createOps } from "./ops/ops-app.ts";
import { placeSimulatedCall } from "./place-simulated-call.ts";
import { Recovery } from "./recovery/recovery.ts";
import { routeRecovery } from "./recovery/recovery-routes.ts";
import { createReplayApp } from "./replay/server.ts";
import { AuditInspection } from "./store/audit-inspection.ts";
import { lockData } from "./store/data-lock.ts";
import { openDatabase } from "./store/database.ts";
import { createStores } from "./store/stores.ts";

/** Where `npm run bundle` puts the replay page. */
const PAGE_FOLDER = join(import.meta.dirname, "../../dist/replay");

/** How long a recovery waits through pauses that Dynamics asks for. */
const RECOVERY_PATIENCE_MS = 1_800_000;

export interface AdapterOptions {
  adapter: AdapterConfig;
  /** Undefined: no Dynamics, so no audio; an interaction is ready some time after its last recording. */
  dynamics: DynamicsConfig | undefined;
  log: Log;
  pageFolder?: string;
  /** Absent: the machine's. */
  clock?: WallClock;
}

/** A running adapter; disposing ends its loops, then its listeners, then closes its database. */
export interface Adapter extends AsyncDisposable {
  readonly url: string;
  readonly opsUrl: string;
  /** An absolute folder, or `s3://bucket/prefix`. */
  readonly archiveRoot: string;
  readonly tokens: Readonly<Record<"viewer" | "admin", string>>;
  /** Rejects when a part ends that should run as long as the adapter does. */
  readonly failed: Promise<never>;
}

/** @throws DeskreelError when a port is taken, a file cannot be used, or the configuration asks for what is not built. */
export async function startAdapter(options: AdapterOptions): Promise<Adapter> {
  const { adapter: config, dynamics, log, clock = new WallClock() } = options;
  await using opened = new AsyncDisposableStack();
  await mkdir(config.dataDir, { recursive: true });
  opened.use(lockData(config.dataDir));
  const tokens = await openTokensFile(config.tokensFile, ["viewer", "admin"]);
  clock.onStep(({ stepMs }) => log.warn({ stepMs }, "system clock stepped"));
  const key = await openSigningKey(config.archive.signingKeyFile);
  const storage = opened.use(await openStorage(config));
  const archive = await Archive.open(storage, key, log, clock.now());
  const database = opened.use(openDatabase(join(config.dataDir, "adapter.db")));
  const stores = createStores(database);
  const catalogue = new InteractionCatalogue(database);
  const custody = new Custody({ archive, catalogue, stores, dataDir: config.dataDir, clock, log });
  await custody.follow();
  noteConfiguration(stores, { adapter: config, dynamics }, clock.now());

  const health = { dynamics: newHealth(), recovery: newHealth(), recorders: config.recorders.map(newHealth) };
  const allHealth = [health.dynamics, health.recovery, ...health.recorders];
  const allowedHosts = [...config.allowedHosts, config.http.host, config.ops.host];
  const ops = createOps({ stores, health: allHealth, allowedHosts, log });
  const jobs = new InteractionJobs({
    ...{ stores, archive, catalogue, clock, log },
    rules: readinessRules(config, dynamics !== undefined),
    dataDir: config.dataDir,
    mayArchive: (interactionId) => custody.mayArchive(interactionId),
    onReadable: () => ops.countReadable(),
  });
  const common = { stores, dataDir: config.dataDir, clock, log };
  const onChange = (interactionId: string) => jobs.note(interactionId);
  const audioTimeoutMs = config.stitch.audioTimeoutS * 1_000;
  const intake =
    dynamics === undefined
      ? null
      : new DynamicsIntake({
          ...common,
          config: dynamics,
          audioTimeoutMs,
          health: health.dynamics,
          onChange,
        });

  const end = new AbortController();
  const { signal } = end;
  const recovery =
    dynamics === undefined || intake === null
      ? null
      : new Recovery({
          ...common,
          catalogue,
          client: new DataverseClient(dynamics, clock, { patienceMs: RECOVERY_PATIENCE_MS }),
          voiceChannels: dynamics.mapping.voiceChannels,
          completeRound: (until) => intake.completeRound(until),
          mayArchive: (interactionId) => custody.mayArchive(interactionId),
          onChange,
          patienceMs: audioTimeoutMs,
          nightlyDays: config.recovery.nightlyDays,
          health: health.recovery,
        });
  const app = createReplayApp({
    custody: {
      ...{ acts: custody, store: stores.custody, audit: stores.audit },
      auditCheck: new AuditInspection(stores.audit, clock),
    },
    ...{ catalogue, storage, stores, tokens, allowedHosts, log, clock },
    policy: config.access,
    trustedProxies: config.access.trustedProxies,
    signingKey: key,
    live: new LiveRecorders({ recorders: config.recorders, clock, signal }),
    routes: routeRecovery(recovery, signal),
    pageFolder: options.pageFolder ?? PAGE_FOLDER,
    ...(config.placeCallUrl === null ? {} : { placeCall: placeSimulatedCall(config.placeCallUrl) }),
  });
  const listen = async (name: string, place: typeof config.http, handler: RequestListener) => {
    const certificate = opened.use(await openCertificate(place, log));
    return opened.use(await listenHttp(name, place, handler, certificate));
  };
  const listener = await listen("replay", config.http, app);
  const opsListener = await listen("the adapter's ops", config.ops, ops.app);

  const retention = { rules: config.archive.retention, catalogue, custody, stores, clock, log };
  const isBusy = (interactionId: string) => jobs.isBusyWith(interactionId);
  const loops = [
    jobs.run(signal),
    runRetention({ ...retention, isBusy }, signal),
    runRelease(
      { ...common, archive, keepMs: config.stitch.keepSourcesH * 3_600_000, isBusy, onStale: onChange },
      signal,
    ),
    runAuditAnchors({ custody, log }, signal),
    ...(intake === null ? [] : [intake.run(signal)]),
    ...(recovery === null ? [] : [recovery.runNightly(signal)]),
    ...config.recorders.map((recorder, index) =>
      runHandoff({
        ...{ recorder, dataDir: config.dataDir, recordings: stores.recordings, clock, log, signal },
        adapter: hostname(),
        health: health.recorders[index] ?? newHealth(),
        onChange: (interactionId) => {
          onChange(interactionId);
          intake?.hurry();
        },
      }),
    ),
  ];
  opened.defer(async () => {
    end.abort();
    await Promise.allSettled([...loops, recovery?.settled()]);
  });
  const owned = opened.move();
  return {
    url: listener.url,
    opsUrl: opsListener.url,
    archiveRoot: storage.root,
    tokens,
    failed: neverEnding(loops),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function newHealth(): LoopHealth {
  return { fault: null };
}

function readinessRules({ stitch }: AdapterConfig, hasDynamics: boolean): ReadinessRules {
  return {
    dynamics: hasDynamics,
    readyAfterMs: stitch.readyAfterS * 1_000,
    audioSettleMs: stitch.audioSettleS * 1_000,
    audioTimeoutMs: stitch.audioTimeoutS * 1_000,
  };
}

/** Rejects with the first loop's error; a loop that ends because it was told to settles nothing. */
function neverEnding(loops: readonly Promise<void>[]): Promise<never> {
  const failed = new Promise<never>((_resolve, reject) => {
    for (const loop of loops) loop.catch(reject);
  });
  // Whoever does not look at it still gets the error from nothing but the log of the process.
  failed.catch(() => {});
  return failed;
}
