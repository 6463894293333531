import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { type DynamicsSimulator, startDynamics } from "../../e2e/dynamics/simulator.ts";
import { DynamicsRegistration } from "./dynamics/registration/registration.ts";
import { BUSY_CALL } from "./dynamics/testing/followed-dynamics.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

let folder: string;
let simulator: DynamicsSimulator;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-main-"));
  simulator = await startDynamics({ log: silentLog() });
  children = [];
});
afterEach(async () => {
  for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  await simulator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A configuration with free ports that follows the simulator, with these keys in its dynamics section. */
async function writeConfig(dynamics: Record<string, unknown>): Promise<string> {
  const { url, tenantId, clientId, clientSecret } = simulator;
  await writeFile(join(folder, "secret"), clientSecret);
  const place = { url, authority: url, tenantId, clientId, clientSecretFile: "./secret" };
  const recorder = {
    ...{ http: { port: 0 }, ops: { port: 0 }, webrtc: { port: 0 } },
    ...{ bufferDir: "./buffer", tokensFile: "./tokens.json" },
  };
  const path = join(folder, "deskreel.yaml");
  // JSON is YAML.
  await writeFile(path, JSON.stringify({ recorder, dynamics: { ...place, ...dynamics } }));
  return path;
}

function start(config: string): {
  child: ChildProcess;
  exited: Promise<number | null>;
  output: () => string;
} {
  const args = [MAIN, "--config", config];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk));
  const exited = once(child, "close").then(([code]) => code as number | null);
  return { child, exited, output: () => text };
}

async function until<Value>(look: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
  for (let tries = 0; tries < 400; tries += 1) {
    const value = await look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("waited in vain");
}

function untilStarted(recorder: ReturnType<typeof start>): Promise<string> {
  return until(() => {
    if (recorder.child.exitCode !== null) throw new Error(`the recorder ended: ${recorder.output()}`);
    return recorder.output().includes("recorder started")
      ? /"url":"([^"]+)"/.exec(recorder.output())?.[1]
      : undefined;
  });
}

async function tokens(): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(folder, "tokens.json"), "utf8")) as Record<string, string>;
}

test("posts that were stored when the recorder was killed are mapped at the next start", async () => {
  const config = await writeConfig({ reconcileS: 3_600 });
  const first = start(config);
  const url = await untilStarted(first);
  const { webhookKey = "", admin = "" } = await tokens();
  const { dynamics } = loadConfig(config);
  if (dynamics === undefined) throw new Error("the section is there");
  const registration = new DynamicsRegistration(dynamics, url, new WallClock());
  const { signal } = new AbortController();
  await registration.carryOut(await registration.planSetUp(webhookKey, signal), () => undefined, signal);
  // Nothing can be read, so nothing can be mapped.
  simulator.faults.set({ webApi: [{ fault: "unavailable" }] });
  const call = await simulator.placeCall(BUSY_CALL, { startAt: Date.now() - 60_000 });
  await call.finished;
  await simulator.webhooks.idle();
  expect(simulator.webhooks.posts().filter(({ outcome }) => outcome !== "delivered")).toEqual([]);
  first.child.kill("SIGKILL");
  await first.exited;
  // No pass sees anything: what comes now comes from the posts.
  simulator.faults.set({ webApi: [{ fault: "unavailable", path: "modifiedon ge" }] });
  const second = start(config);
  const secondUrl = await untilStarted(second);
  const headers = { Authorization: `Bearer ${admin}` };
  const sealed = await until(async () => {
    const list = await fetch(new URL("/v1/recordings?phase=sealed", secondUrl), { headers });
    const { items } = (await list.json()) as { items: { agent: string }[] };
    return items.length === 2 ? items.map(({ agent }) => agent).sort() : undefined;
  });
  expect(sealed).toEqual(Object.values(BUSY_CALL.agents).map(({ upn }) => upn));
});

test("says how much of Dataverse's limits it takes", async () => {
  const recorder = start(await writeConfig({ events: "poll" }));
  await untilStarted(recorder);
  expect(recorder.output()).toContain("5 queries every 2 s = 750 of 6000 requests per 5 min");
  recorder.child.kill("SIGTERM");
  expect(await recorder.exited).toBe(0);
});

test("ends with 2 when it would take more than half of them, and says what is allowed", async () => {
  const recorder = start(await writeConfig({ events: "poll", eventsPollEveryS: 0.2 }));
  expect(await recorder.exited).toBe(2);
  expect(recorder.output()).toMatch(/dynamics\.eventsPollEveryS is 0\.2: .*set it to 0\.5 or more/);
});
