import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-main-"));
  children = [];
});
afterEach(async () => {
  for (const child of children.filter((one) => one.exitCode === null && one.signalCode === null)) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  await rm(folder, { recursive: true, force: true });
});

/** A configuration with free ports, and these lines in its recorder section. */
async function writeConfig(name: string, ...lines: string[]): Promise<string> {
  const path = join(folder, name);
  const own = ["bufferDir: ./buffer", "tokensFile: ./tokens.json", "webrtc: { port: 0 }", "ops: { port: 0 }"];
  const all = [...own.filter((line) => !lines.some((other) => other.startsWith(line.slice(0, 4)))), ...lines];
  await writeFile(path, `recorder:\n${all.map((line) => `  ${line}\n`).join("")}`);
  return path;
}

function start(...args: string[]): {
  child: ChildProcess;
  exited: Promise<number | null>;
  output: () => string;
} {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk));
  const exited = once(child, "close").then(([code]) => code as number | null);
  return { child, exited, output: () => text };
}

/** Resolves when the recorder says that it runs, with its URL. */
async function untilStarted({ child, exited, output }: ReturnType<typeof start>): Promise<string> {
  for (;;) {
    const url = /"url":"([^"]+)"/.exec(output())?.[1];
    if (url !== undefined && output().includes("recorder started")) return url;
    const ended = await Promise.race([
      once(child.stderr ?? child, "data").then(() => false),
      exited.then(() => true),
    ]);
    if (ended) throw new Error(`the recorder ended: ${output()}`);
  }
}

describe("npm run recorder", () => {
  test("runs until SIGTERM, has made its tokens for its user only, and ends with 0", async () => {
    const recorder = start("--config", await writeConfig("one.yaml", "http: { port: 0 }"));
    const url = await untilStarted(recorder);
    const tokens = JSON.parse(await readFile(join(folder, "tokens.json"), "utf8")) as Record<string, string>;
    expect(Object.keys(tokens).sort()).toEqual([
      "adapter",
      "admin",
      "enrollment",
      "integration",
      "webhookKey",
    ]);
    expect((await stat(join(folder, "tokens.json"))).mode & 0o777).toBe(0o600);
    const headers = { Authorization: `Bearer ${tokens["admin"]}` };
    const answer = await fetch(new URL("/v1/agents", url), { headers });
    expect([answer.status, await answer.json()]).toEqual([200, { items: [], cursor: null }]);
    recorder.child.kill("SIGTERM");
    expect(await recorder.exited).toBe(0);
    for (const token of Object.values(tokens)) expect(recorder.output()).not.toContain(token);
  });

  test("goes on with an open recording after kill -9", async () => {
    const config = await writeConfig("one.yaml", "http: { port: 0 }");
    const first = start("--config", config);
    const url = await untilStarted(first);
    const tokens = JSON.parse(await readFile(join(folder, "tokens.json"), "utf8")) as Record<string, string>;
    const event = {
      id: "1",
      type: "connected",
      at: new Date().toISOString(),
      agent: "ann",
      callSessionId: "s",
    };
    const posted = await fetch(new URL("/v1/call-events", url), {
      method: "POST",
      headers: { Authorization: `Bearer ${tokens["integration"]}`, "Content-Type": "application/json" },
      body: JSON.stringify(event),
    });
    expect(posted.status).toBe(202);
    first.child.kill("SIGKILL");
    await first.exited;
    const second = start("--config", config);
    const headers = { Authorization: `Bearer ${tokens["admin"]}` };
    const list = await fetch(new URL("/v1/recordings", await untilStarted(second)), { headers });
    expect(await list.json()).toMatchObject({ items: [{ phase: "kept", endedAt: null }] });
    expect(second.output()).toContain("recordings go on after a restart");
  });

  test("goes on when its media worker dies, with another one", async () => {
    const recorder = start("--config", await writeConfig("one.yaml", "http: { port: 0 }"));
    await untilStarted(recorder);
    const { pid = 0 } = recorder.child;
    const [worker] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
    expect(await readFile(`/proc/${worker}/cmdline`, "utf8")).toContain("mediasoup-worker");
    process.kill(Number(worker), "SIGKILL");
    await expect.poll(recorder.output).toContain("media worker replaced");
    recorder.child.kill("SIGTERM");
    expect(await recorder.exited).toBe(0);
    expect(recorder.output()).toContain("recorder stopped");
  });

  test("reads its configuration again at SIGHUP: refuses a faulty one, applies the capture's, names the rest", async () => {
    const config = await writeConfig("one.yaml", "http: { port: 0 }");
    const recorder = start("--config", config);
    await untilStarted(recorder);
    const hangUp = async (...lines: string[]) => {
      await writeConfig("one.yaml", "http: { port: 0 }", ...lines);
      recorder.child.kill("SIGHUP");
    };
    await hangUp("capture: { framesPerSecond: 99, monitors: some }");
    await expect.poll(recorder.output).toContain("configuration refused, the one before stays");
    expect(recorder.output()).toMatch(/capture\.framesPerSecond: found 99[^]*capture\.monitors: found/);
    await hangUp("capture: { framesPerSecond: 2 }", "policy: { minSessionS: 5 }");
    await expect.poll(recorder.output).toContain('"applied":["recorder.capture.framesPerSecond"]');
    await expect.poll(recorder.output).toContain('"keys":["recorder.policy.minSessionS"]');
    recorder.child.kill("SIGTERM");
    expect(await recorder.exited).toBe(0);
  });

  test.each([
    ["an unknown flag", ["--colour"], "usage: npm run recorder"],
    ["a configuration that is not there", ["--config", "nowhere.yaml"], "nowhere.yaml"],
  ])("ends with 2 and says why for %s", async (_, args, words) => {
    const recorder = start(...args);
    expect(await recorder.exited).toBe(2);
    expect(recorder.output()).toContain(words);
    expect(recorder.output()).not.toMatch(/\n\s+at /);
  });

  test("ends with 2 and names every faulty key of its configuration", async () => {
    const recorder = start("--config", await writeConfig("bad.yaml", "http: { port: 70000 }", "colour: red"));
    expect(await recorder.exited).toBe(2);
    expect(recorder.output()).toMatch(/recorder\.http\.port: found 70000[^]*recorder\.colour: found "red"/);
  });

  test("ends with 1 and names the holder of a taken port", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const recorder = start("--config", await writeConfig("one.yaml", `http: { port: ${port} }`));
    expect(await recorder.exited).toBe(1);
    expect(recorder.output()).toContain(`127.0.0.1:${port}`);
    expect(recorder.output()).toContain(`pid ${process.pid}`);
    await new Promise((resolve) => holder.close(resolve));
  });

  test("ends with 1 when another recorder runs on its call buffer", async () => {
    const config = await writeConfig("one.yaml", "http: { port: 0 }");
    await untilStarted(start("--config", config));
    const second = start("--config", config);
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain("another recorder is running on the call buffer");
  });
});
