import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stringify } from "yaml";
import { portHolder } from "#shared/http/listen.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { openTokensFile, readToken } from "#shared/runtime/tokens-file.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { setUpDynamics } from "../../apps/recorder/dynamics/registration/registration.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { freePort } from "./ports.ts";
import { type Program, startProgram } from "./program.ts";
import { waitFor } from "./wait.ts";

/** Sections of the configuration file, as far as a test or `npm start` cares. */
export type ConfigTree = Record<string, unknown>;

export interface SiteOptions {
  /** Everything lies under it: configuration, data, logs. */
  folder: string;
  /** Merged over a site on free ports. */
  recorder?: ConfigTree;
  adapter?: ConfigTree;
  /** Only with it there is a Dynamics; unless `events` says otherwise, the recorder's webhook is registered there. */
  dynamics?: { url: string; tenantId: string; clientId: string; clientSecret: string } & ConfigTree;
  signal?: AbortSignal;
  /** Called with each line that the recorder and the adapter log. */
  onLine?: (part: string, line: string) => void;
}

/** A recorder as a real process and, once it is asked for, an adapter, with one configuration file. */
export interface Site extends AsyncDisposable {
  readonly folder: string;
  readonly configFile: string;
  readonly recorder: Program;
  /** Null until it has been asked for. */
  readonly adapter: Program | null;
  /** Starts the adapter when it is first asked for; resolves when it is ready. */
  startAdapter(): Promise<Program>;
  readonly recorderUrl: string;
  readonly recorderOpsUrl: string;
  readonly adapterUrl: string;
  readonly bufferDir: string;
  readonly archiveDir: string;
  /** Bearer tokens of the two tokens files. */
  readonly tokens: {
    integration: string;
    admin: string;
    adapter: string;
    enrollment: string;
    viewer: string;
    /** The adapter's, whereas `admin` is the recorder's. */
    replayAdmin: string;
  };
  /** Writes a desktop's configuration file, into the site's folder or another, and returns its path. */
  desktopConfig(agent: string, device: string, into?: string, settings?: ConfigTree): Promise<string>;
}

const READY_WITHIN_MS = 60_000;

/** Starts the recorder and waits until it says that it is ready. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { folder } = options;
  await mkdir(join(folder, "logs"), { recursive: true });
  const places = await configure(options);
  await using programs = new AsyncDisposableStack();
  const start = async (into: AsyncDisposableStack, part: "recorder" | "adapter", opsUrl: string) => {
    const program = await startProgram(
      `the ${part}`,
      process.execPath,
      [join(REPOSITORY, `apps/${part}/main.ts`), "--config", places.configFile],
      { logFile: join(folder, `logs/${part}.log`), onLine: (line) => options.onLine?.(part, line) },
    );
    into.use(program);
    await waitUntilReady(program, opsUrl, options.signal);
    return program;
  };
  const recorder = await start(programs, "recorder", places.recorderOpsUrl);
  await registerWebhook(places, options.signal);
  const ofAdapter = await openTokensFile(places.adapterTokens, ["viewer", "admin"]);
  let adapter: Program | null = null;
  let startedAdapter: Promise<Program> | null = null;
  const tokens = {
    integration: await readToken(places.recorderTokens, "integration"),
    admin: await readToken(places.recorderTokens, "admin"),
    adapter: await readToken(places.recorderTokens, "adapter"),
    enrollment: await readToken(places.recorderTokens, "enrollment"),
    viewer: ofAdapter.viewer,
    replayAdmin: ofAdapter.admin,
  };
  const owned = programs.move();
  return {
    ...places,
    folder,
    recorder,
    get adapter() {
      return adapter;
    },
    async startAdapter() {
      startedAdapter ??= start(owned, "adapter", places.adapterOpsUrl);
      adapter = await startedAdapter;
      return adapter;
    },
    tokens,
    async desktopConfig(agent, device, into = folder, settings = {}) {
      const file = join(into, `desktop-${device}.yaml`);
      const serverUrl = `${places.recorderUrl.replace(/^http/, "ws")}/v1/agent`;
      const dataDir = join(into, `desktop-${device}`);
      const desktop = { serverUrl, enrollmentToken: tokens.enrollment, agent, device, dataDir };
      await writeFile(file, stringify({ desktop: { ...desktop, ...settings } }), { mode: 0o600 });
      return file;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As `npm run setup-dynamics` does; nothing where events come in another way. */
async function registerWebhook(
  places: Pick<Site, "configFile" | "recorderUrl"> & { recorderTokens: string },
  signal = new AbortController().signal,
): Promise<void> {
  const { dynamics } = loadConfig(places.configFile);
  if (dynamics?.events !== "webhook") return;
  await setUpDynamics({
    dynamics,
    webhookUrl: places.recorderUrl,
    webhookKey: await readToken(places.recorderTokens, "webhookKey"),
    clock: new WallClock(),
    print: () => {},
    signal,
  });
}

/** A recorder that runs here already would answer for ours, so it is looked for first. */
function refuseTakenPorts(
  places: Pick<Site, "recorderUrl" | "recorderOpsUrl" | "adapterUrl"> & { adapterOpsUrl: string },
): void {
  const urls = [places.recorderUrl, places.recorderOpsUrl, places.adapterUrl, places.adapterOpsUrl];
  for (const url of urls) {
    const holder = portHolder(Number(new URL(url).port));
    if (holder === null) continue;
    const who = `${holder.command} (pid ${holder.pid})`;
    throw new DeskreelError("PORT_TAKEN", `${url} is taken by ${who}; stop it or configure another port`);
  }
}

async function configure(options: SiteOptions) {
  const { folder } = options;
  const [http, ops, media, page, adapterOps] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()));
  const recorder = {
    http: { port: http } as { host?: string; port: number; tls?: object | null },
    ops: { port: ops },
    webrtc: { port: media },
    bufferDir: join(folder, "buffer"),
    tokensFile: join(folder, "recorder-tokens.json"),
    ...options.recorder,
  };
  const { host = "127.0.0.1", tls, port } = recorder.http;
  const recorderUrl = `${tls ? "https" : "http"}://${host}:${port}`;
  const adapter = {
    http: { port: page },
    ops: { port: adapterOps },
    dataDir: join(folder, "adapter"),
    tokensFile: join(folder, "adapter-tokens.json"),
    recorders: [{ url: recorderUrl, tokenFile: recorder.tokensFile }],
    archive: { url: pathToFileURL(join(folder, "archive")).href },
    ...options.adapter,
  };
  const { clientSecret, ...dynamics } = options.dynamics ?? {};
  const clientSecretFile = join(folder, "dynamics-secret");
  const tree = {
    recorder,
    adapter,
    ...(options.dynamics ? { dynamics: { ...dynamics, clientSecretFile } } : {}),
  };
  const configFile = join(folder, "deskreel.yaml");
  const places = {
    configFile,
    recorderUrl,
    recorderOpsUrl: `http://127.0.0.1:${recorder.ops.port}`,
    adapterUrl: `http://127.0.0.1:${adapter.http.port}`,
    adapterOpsUrl: `http://127.0.0.1:${adapter.ops.port}`,
    recorderTokens: recorder.tokensFile,
    adapterTokens: adapter.tokensFile,
    bufferDir: recorder.bufferDir,
    archiveDir: fileURLToPath(new URL(adapter.archive.url)),
  };
  // Before anything is written: the files may be those of a site that runs.
  refuseTakenPorts(places);
  if (clientSecret !== undefined) await writeFile(clientSecretFile, clientSecret, { mode: 0o600 });
  await writeFile(configFile, stringify(tree), { mode: 0o600 });
  return places;
}

async function waitUntilReady(program: Program, opsUrl: string, signal?: AbortSignal): Promise<void> {
  const ended = program.ended.then(({ code }) => {
    throw new Error(`${program.name} ended with ${code} before it was ready:\n${program.tail()}`);
  });
  const ready = waitFor(`${program.name} at ${opsUrl}`, async () => (await fetch(`${opsUrl}/readyz`)).ok, {
    withinMs: READY_WITHIN_MS,
    ...(signal ? { signal } : {}),
  });
  await Promise.race([ready, ended]);
}
