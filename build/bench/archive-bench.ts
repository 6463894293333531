import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "#shared/archive/manifest.ts";
import { listenHttp } from "#shared/http/listen.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { InteractionCatalogue } from "../../apps/adapter/archive/catalogue.ts";
import { openSigningKey } from "../../apps/adapter/archive/signing-key.ts";
import { FolderStorage } from "../../apps/adapter/archive/storage/folder-storage.ts";
import { createReplayApp } from "../../apps/adapter/replay/server.ts";
import { openDatabase } from "../../apps/adapter/store/database.ts";
import { createStores } from "../../apps/adapter/store/stores.ts";
import { fillArchive } from "./fill-archive.ts";
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

/** Lists and searches over HTTP of a catalogue with very many interactions; server and client share this process. */
export async function benchArchive({ folder, interactions, say }: ArchiveBenchOptions): Promise<Measured[]> {
  const path = join(folder, "adapter.db");
  using database = openDatabase(path);
  const samples = fillArchive(database, interactions, Date.now(), say);
  say(`catalogue of ${Math.round((await stat(path)).size / 1_000_000)} MB`);
  const pageFolder = join(folder, "page");
  await mkdir(pageFolder);
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  const { custody: store, audit } = createStores(database);
  const acts = { hold: () => Promise.resolve(), release: () => Promise.resolve() };
  const app = createReplayApp({
    catalogue: new InteractionCatalogue(database),
    storage: new FolderStorage(folder),
    custody: { acts, store, audit },
    ...{
      tokens: TOKENS,
      signingKey: await openSigningKey(join(folder, "key.pem")),
      pageFolder,
      allowedHosts: [],
      log: silentLog(),
    },
  });
  await using listener = await listenHttp("the benchmark", { host: "127.0.0.1", port: 0 }, app);
  using load = new HttpLoad(listener.url, TOKENS.viewer, 1);
  const measured: Measured[] = [];
  for (const [what, query] of Object.entries(queries(samples))) {
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
  return measured;
}

/** By what they are called in the result; each request asks for something else. */
function queries(samples: readonly Manifest[]): Record<string, () => Record<string, string>> {
  const random = seededRandom(7);
  const any = (): Manifest => {
    const sample = samples[Math.floor(random() * samples.length)];
    if (sample === undefined) throw new RangeError("there is no sample to ask for");
    return sample;
  };
  const agent = () => any().agents[0]?.agent ?? "";
  const customer = () => any().call["customer"] ?? "";
  const cursor = () => {
    const { startedAt, interactionId } = any();
    return Buffer.from(`${Date.parse(startedAt)}/${interactionId}`).toString("base64url");
  };
  return {
    newest: () => ({}),
    deep: () => ({ cursor: cursor() }),
    "from a day on": () => ({ to: any().startedAt }),
    agent: () => ({ agent: agent() }),
    "agent, deep": () => ({ agent: agent(), cursor: cursor() }),
    customer: () => ({ customer: customer() }),
    "queue, deep": () => ({ queue: any().call["queue"] ?? "", cursor: cursor() }),
    "coverage not-recorded": () => ({ coverage: "not-recorded" }),
    "agent, queue and coverage": () => ({
      agent: agent(),
      queue: any().call["queue"] ?? "",
      coverage: "partial",
    }),
    "longer than 19 minutes": () => ({ minDurationMs: "1140000", cursor: cursor() }),
    "longer than any": () => ({ minDurationMs: "9999999" }),
    "q an id": () => ({ q: any().interactionId }),
    "q a part of an id": () => ({ q: any().interactionId.slice(4, 12) }),
    "q a customer": () => ({ q: customer() }),
    "q the end of a customer's number": () => ({ q: customer().slice(-5) }),
    "q an agent's name": () => ({ q: any().agents[0]?.name ?? "" }),
    "q a queue": () => ({ q: "complaints" }),
    "q what nothing has": () => ({ q: "no such words" }),
    "q two letters": () => ({ q: "ag" }),
    "q and agent": () => ({ q: "billing", agent: agent() }),
  };
}
