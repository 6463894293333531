import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(...args: string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args]);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  return { child, output: () => text };
}

/** The exit code; 0 also for a program that was asked to stop and did. */
async function stop(child: ChildProcess): Promise<number | null> {
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

test("the program says where it listens, what to configure and how to place a call, and stops when asked", async () => {
  const { child, output } = start("--port", "0");
  await expect.poll(output, { timeout: 20_000 }).toMatch(/simulator\/calls\n/);
  const [, url = ""] = /Dynamics simulator on (http:\S+)/.exec(output()) ?? [];
  expect(output()).toContain(`url: ${url}\n    authority: ${url}\n    tenantId: `);
  expect(output()).toContain("events: webhook\n");
  const placed = await fetch(`${url}/simulator/calls`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ script: "not-responding" }),
  });
  expect(placed.status).toBe(201);
  expect(await stop(child)).toBe(0);
});

test("with a configuration it is the Dynamics that the configuration describes", async () => {
  const config = join(folder, "deskreel.yaml");
  await writeFile(join(folder, "secret"), "a secret of the configuration\n");
  await writeFile(
    config,
    "dynamics: { url: 'http://127.0.0.1:7600', tenantId: contoso, clientId: ours, clientSecretFile: secret }\n",
  );
  const { child, output } = start("--port", "0", "--config", config);
  await expect.poll(output, { timeout: 20_000 }).toMatch(/simulator\/calls\n/);
  const [, url = ""] = /Dynamics simulator on (http:\S+)/.exec(output()) ?? [];
  const token = await fetch(`${url}/contoso/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "ours",
      client_secret: "a secret of the configuration",
      scope: `${url}/.default`,
    }),
  });
  expect(token.status).toBe(200);
  expect(output()).not.toContain("a secret of the configuration");
  expect(await stop(child)).toBe(0);
});

test.each([
  [["--port", "x"], "--port must be a whole number from 0 to 65535, found x"],
  [["--colour", "red"], "Unknown option '--colour'"],
])("%j is refused with the reason", async (args, reason) => {
  const { child, output } = start(...args);
  const [code] = (await once(child, "close")) as [number | null];
  expect([code, output()]).toEqual([1, expect.stringContaining(reason)]);
});
