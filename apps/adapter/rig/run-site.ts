import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Manifest } from "#shared/archive/manifest.ts";
import { type Config, configSchema, type DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { type Log, silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { type Adapter, startAdapter } from "../adapter.ts";
import { RECORDER_TOKEN } from "./fake-recorder.ts";

export interface RigOptions {
  /** The data of a rig before; absent = a new folder that is removed in the end. */
  folder?: string;
  recorders: readonly string[];
  dynamics?: { url: string; tenantId: string; clientId: string; clientSecret: string };
  stitch?: Record<string, number>;
  /** Absent: a folder. */
  archive?: object;
  log?: Log;
  /** Absent: the machine's. */
  clock?: WallClock;
}

/** An adapter with everything real in it, on free ports. */
export interface AdapterRig extends AsyncDisposable {
  readonly folder: string;
  readonly adapter: Adapter;
  /** What it runs by, with the port that it got. */
  readonly config: Config;
  /** The newest version over HTTP as soon as `accept` takes it. */
  interaction(id: string, accept?: (manifest: Manifest) => boolean): Promise<Manifest>;
  /** What `/readyz` lists. */
  problems(): Promise<string[]>;
}

/** For what hangs: a busy machine may be slow. */
const READABLE_WITHIN_MS = 100_000;
/** Making a version takes a second or more: to ask more often would only take the processor from it. */
const ASK_EVERY_MS = 150;

/** A folder of its own that goes when it is disposed. */
export async function scratchFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "deskreel-adapter-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function startRig(options: RigOptions): Promise<AdapterRig> {
  await using opened = new AsyncDisposableStack();
  const folder = options.folder ?? opened.use(await scratchFolder()).path;
  const pageFolder = join(folder, "page");
  await mkdir(pageFolder, { recursive: true });
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  const tokenFile = join(folder, "recorder-tokens.json");
  await writeFile(tokenFile, JSON.stringify({ adapter: RECORDER_TOKEN }));
  const config = configSchema(folder).parse({
    adapter: {
      http: { port: 0 },
      ops: { port: 0 },
      recorders: options.recorders.map((url) => ({ url, tokenFile })),
      archive: { ...options.archive },
      stitch: { readyAfterS: 0.2, audioSettleS: 0, ...options.stitch },
    },
  });
  const { log = silentLog(), clock = new WallClock() } = options;
  const dynamics = await dynamicsConfig(folder, options.dynamics);
  const adapter = opened.use(
    await startAdapter({ adapter: config.adapter, dynamics, log, pageFolder, clock }),
  );
  const owned = opened.move();
  const http = { ...config.adapter.http, port: Number(new URL(adapter.url).port) };
  return {
    folder,
    adapter,
    config: { ...config, dynamics, adapter: { ...config.adapter, http } },
    interaction: (id, accept) => waitForInteraction(adapter, id, accept ?? (() => true)),
    async problems() {
      const answer = (await (await fetch(`${adapter.opsUrl}/readyz`)).json()) as { problems: string[] };
      return answer.problems;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function dynamicsConfig(
  folder: string,
  dynamics: RigOptions["dynamics"],
): Promise<DynamicsConfig | undefined> {
  if (dynamics === undefined) return undefined;
  const { clientSecret, url, tenantId, clientId } = dynamics;
  const clientSecretFile = join(folder, "dynamics-secret");
  await writeFile(clientSecretFile, `${clientSecret}\n`);
  const tree = { url, authority: url, tenantId, clientId, clientSecretFile, recordingsPollEveryS: 0.4 };
  return configSchema(folder).parse({ dynamics: tree }).dynamics;
}

async function waitForInteraction(
  adapter: Adapter,
  id: string,
  accept: (manifest: Manifest) => boolean,
): Promise<Manifest> {
  const headers = { Authorization: `Bearer ${adapter.tokens.viewer}` };
  const endAt = performance.now() + READABLE_WITHIN_MS;
  let last = "nothing";
  while (performance.now() < endAt) {
    const response = await fetch(`${adapter.url}/v1/interactions/${id}`, { headers });
    last = await response.text();
    if (response.ok) {
      const { flags: _flags, ...manifest } = JSON.parse(last) as Manifest & { flags: unknown };
      if (accept(manifest)) return manifest;
    }
    await sleep(ASK_EVERY_MS);
  }
  throw new Error(`interaction ${id} did not become what was waited for; last answer: ${last}`);
}
