import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "#shared/archive/manifest.ts";
import { listenHttp } from "#shared/http/listen.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { InteractionCatalogue } from "../../apps/adapter/archive/catalogue.ts";
import { openSigningKey } from "../../apps/adapter/archive/signing-key.ts";
import { FolderStorage } from "../../apps/adapter/archive/storage/folder-storage.ts";
import { createReplayApp } from "../../apps/adapter/replay/server.ts";
import { AuditInspection } from "../../apps/adapter/store/audit-inspection.ts";
import { type AdapterDatabase, openDatabase } from "../../apps/adapter/store/database.ts";
import { createStores } from "../../apps/adapter/store/stores.ts";
import { archiveQueries } from "./archive-queries.ts";
import { fillArchive, madeUpManifest, placeOf } from "./fill-archive.ts";
import { HttpLoad, type LoadRequest } from "./http-load.ts";
import { sortOut } from "./latencies.ts";
import { seededRandom } from "./made-up-recordings.ts";
import type { Measured } from "./results.ts";

const REQUESTS_EACH = 200;
const PROMISE = "p95 <= 100 ms";
const TOKENS = { viewer: "viewer-of-the-bench", admin: "admin-of-the-bench" };

export interface ArchiveBenchOptions {
  /** For the adapter's data. */
  folder: string;
  interactions: number;
  say: (text: string) => void;
}

export interface ArchiveBenchResult {
  measured: Measured[];
  /** How big the catalogue was, and how long it took to make. */
  conditions: Record<string, number>;
}

/** Lists and searches over HTTP of a catalogue with very many interactions; server and client share this process. */
export async function benchArchive({
  folder,
  interactions,
  say,
}: ArchiveBenchOptions): Promise<ArchiveBenchResult> {
  const path = join(folder, "adapter.db");
  const fillStart = performance.now();
  const samples = fillArchive(path, interactions, Date.now(), say);
  const fillS = Math.round((performance.now() - fillStart) / 1_000);
  const megabytes = Math.round((await stat(path)).size / 1_000_000);
  say(`catalogue of ${megabytes} MB, made in ${fillS} s`);
  using database = openDatabase(path);
  const measured = await measureArchive(database, samples, folder, say);
  return { measured, conditions: { megabytes, "seconds to fill": fillS } };
}

/** @param samples - some of what is in the database; `folder` is for what the server needs beside it. */
async function measureArchive(
  database: AdapterDatabase,
  samples: readonly Manifest[],
  folder: string,
  say: (text: string) => void,
): Promise<Measured[]> {
  const pageFolder = join(folder, "page");
  await mkdir(pageFolder);
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  const stores = createStores(database);
  const { custody: store, audit } = stores;
  const acts = { hold: () => Promise.resolve(), release: () => Promise.resolve() };
  const app = createReplayApp({
    catalogue: new InteractionCatalogue(database),
    storage: new FolderStorage(folder),
    custody: { acts, store, audit, auditCheck: new AuditInspection(audit, new WallClock()) },
    ...{
      tokens: TOKENS,
      signingKey: await openSigningKey(join(folder, "key.pem")),
      pageFolder,
      allowedHosts: [],
      trustedProxies: [],
      policy: { agentsSeeOwn: false, agentsSeeWatchers: false },
      stores,
      log: silentLog(),
    },
  });
  await using listener = await listenHttp("the benchmark", { host: "127.0.0.1", port: 0 }, app);
  using load = new HttpLoad(listener.url, TOKENS.viewer, 1);
  const measured: Measured[] = [];
  for (const [what, query] of Object.entries(archiveQueries(samples))) {
    say(what);
    const requests = Array.from(
      { length: REQUESTS_EACH },
      (): LoadRequest => ({
        method: "GET",
        path: `/v1/interactions?${new URLSearchParams(query()).toString()}`,
      }),
    );
    const before = process.cpuUsage();
    const { samplesMs, tookMs } = await load.closedLoop(requests, 1);
    const { user, system } = process.cpuUsage(before);
    const processorMsEach = (user + system) / 1_000 / requests.length;
    const perSecond = (requests.length * 1_000) / tookMs;
    measured.push({ what, ...sortOut(samplesMs), perSecond, processorMsEach, promise: PROMISE });
  }
  const insert = { what: "one more interaction into the catalogue", perSecond: null, processorMsEach: null };
  measured.push({ ...insert, ...sortOut(insertSome(database)), promise: null });
  return measured;
}

/** One more interaction each, durable on the disk when it is in. */
function insertSome(database: AdapterDatabase): number[] {
  const catalogue = new InteractionCatalogue(database);
  const random = seededRandom(11);
  return Array.from({ length: REQUESTS_EACH }, () => {
    const manifest = madeUpManifest(random, Date.now());
    const start = performance.now();
    catalogue.put(manifest, placeOf(manifest));
    return performance.now() - start;
  });
}
