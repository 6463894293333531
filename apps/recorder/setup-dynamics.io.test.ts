import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { type DynamicsSimulator, startDynamics } from "../../e2e/dynamics/simulator.ts";

const PROGRAM = fileURLToPath(new URL("setup-dynamics.ts", import.meta.url));
const KEY = "webhook-key-0000000001";

let folder: string;
let simulator: DynamicsSimulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-setup-dynamics-"));
  simulator = await startDynamics({ log: silentLog() });
  await writeFile(join(folder, "tokens.json"), JSON.stringify({ webhookKey: KEY }));
  await writeFile(join(folder, "secret"), simulator.clientSecret);
  await writeFile(join(folder, "wrong-secret"), "wrong");
  await writeConfig("deskreel.yaml");
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function writeConfig(name: string, changes: Record<string, unknown> = {}): Promise<void> {
  const { url, tenantId, clientId } = simulator;
  const credentials = { tenantId, clientId, clientSecretFile: "./secret" };
  const dynamics = { url, authority: url, ...credentials, webhookUrl: "http://127.0.0.1:7400", ...changes };
  // JSON is YAML.
  await writeFile(
    join(folder, name),
    JSON.stringify({ recorder: { tokensFile: "./tokens.json" }, dynamics }),
  );
}

/** Runs it as an administrator's script does: without a terminal. */
async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  expect(out + err).not.toContain(KEY);
  expect(err).not.toMatch(/\n\s+at /);
  return { code, out, err };
}

function countSteps(): number {
  return simulator.tables.rows("sdkmessageprocessingsteps").length;
}

test("without a terminal to ask on it shows what it would do, does nothing, and ends with 2", async () => {
  const { code, out, err } = await run();
  expect([code, countSteps()]).toEqual([2, 0]);
  expect(out).toContain(`environment  ${simulator.url}`);
  expect(out).toContain("webhook      http://127.0.0.1:7400/v1/dataverse-webhook");
  expect(out).toMatch(
    /create step +Deskreel 127\.0\.0\.1:7400: Update msdyn_ocliveworkitem\n +posts changes of .*statuscode/,
  );
  expect(out).toContain("21 to create");
  expect(err).toContain("add --yes");
});

test("with --yes it does it; then there is nothing to do; what is there is shown, and removed", async () => {
  const made = await run("--yes");
  expect([made.code, countSteps()]).toEqual([0, 10]);
  expect(made.out.match(/^done: create/gm)).toHaveLength(21);
  const again = await run();
  expect([again.code, again.out.trimEnd().endsWith("nothing to do")]).toEqual([0, true]);
  const shown = await run("--show");
  expect(shown.code).toBe(0);
  expect(shown.out).toContain("key        the recorder's");
  expect(shown.out).toContain("failed     no post");
  await rm(join(folder, "tokens.json"));
  expect((await run("--show")).out).toMatch(/key +not compared: .*tokens\.json has no key "webhookKey"/);
  const asked = await run("--remove");
  expect([asked.code, countSteps()]).toEqual([2, 10]);
  const removed = await run("--remove", "--yes");
  expect([removed.code, countSteps(), simulator.tables.rows("serviceendpoints").length]).toEqual([0, 0, 0]);
  expect((await run("--show")).out).toContain("Deskreel 127.0.0.1:7400 is not registered");
});

test("--url goes before the configuration's address; --show tells of the others", async () => {
  await run("--yes", "--url", "http://localhost:7400");
  const { out } = await run("--show");
  expect(out).toContain("another address: Deskreel localhost:7400, posts to http://localhost:7400/v1/");
});

describe("ends with 2 and says why", () => {
  test.each([
    ["for an unknown flag", ["--colour"], "usage: npm run setup-dynamics"],
    ["for two deeds at once", ["--show", "--remove"], "--show and --remove are two things"],
    ["for an address that Dataverse cannot post to", ["--url", "https://x.example:7400"], "80 and 443 only"],
    ["without a section dynamics", ["--config", "empty.yaml"], "no section dynamics"],
    ["without an address", ["--config", "no-address.yaml"], "Set dynamics.webhookUrl, or give --url"],
    ["without the recorder's key", ["--config", "no-key.yaml"], 'has no key "webhookKey"'],
    ["for a configuration that is not there", ["--config", "nowhere.yaml"], "nowhere.yaml"],
  ])("%s", async (_, args, words) => {
    await writeFile(join(folder, "empty.yaml"), "recorder: {}\n");
    await writeConfig("no-address.yaml", { webhookUrl: null });
    await writeConfig("no-key.yaml");
    if (args.includes("no-key.yaml")) await writeFile(join(folder, "tokens.json"), "{}");
    const { code, err } = await run(...args);
    expect([code, countSteps()]).toEqual([2, 0]);
    expect(err).toContain(words);
  });
});

test("ends with 1 when Dynamics refuses, with its own words and what to look at", async () => {
  await writeConfig("wrong.yaml", { clientSecretFile: "./wrong-secret" });
  const { code, err } = await run("--config", "wrong.yaml", "--yes");
  expect([code, countSteps()]).toEqual([1, 0]);
  expect(err).toContain("AADSTS7000215");
  expect(err).toContain("docs/DYNAMICS-SETUP.md");
});

test("ends with 1 when the application user may not, and names what could not be done", async () => {
  simulator.faults.set({ webApi: [{ fault: "forbidden", method: "POST" }] });
  const { code, err } = await run("--yes");
  expect([code, countSteps()]).toEqual([1, 0]);
  expect(err).toMatch(/cannot create webhook Deskreel 127\.0\.0\.1:7400 .* answered 403: /);
  expect(err).toContain("docs/DYNAMICS-SETUP.md");
});
