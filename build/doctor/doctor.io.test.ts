import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { TestRecorder } from "../../apps/recorder/testing/test-recorder.ts";
import { REPOSITORY } from "../repository.ts";
import type { Finding } from "./finding.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-buffer-doctor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

interface Visit {
  code: number;
  stdout: string;
  stderr: string;
  /** The findings that are not fine, as `state name: found`. */
  bad: string[];
  found(name: string): Finding | undefined;
}

function visit(args: string[], { root = REPOSITORY, env = {} }: { root?: string; env?: object } = {}) {
  return new Promise<Visit>((resolve) => {
    const options = { cwd: folder, env: { ...process.env, ...env } };
    execFile(
      process.execPath,
      [join(root, "build/doctor/main.mjs"), ...args],
      options,
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code);
        const { findings } = args.includes("--json")
          ? (JSON.parse(stdout) as { findings: Finding[] })
          : { findings: [] };
        const bad = findings.filter(({ state }) => state !== "ok");
        const found = (name: string) => findings.find((finding) => finding.name === name);
        resolve({
          code,
          stdout,
          stderr,
          bad: bad.map((one) => `${one.state} ${one.name}: ${one.found}`),
          found,
        });
      },
    );
  });
}

/** A configuration with free ports and these lines in its recorder section. */
async function writeConfig(...lines: string[]): Promise<string> {
  const path = join(folder, "deskreel.yaml");
  const free = "host: 127.0.0.1, port: 0";
  const recorder = [`http: { ${free} }`, `ops: { ${free} }`, "webrtc: { port: 0 }", ...lines];
  const adapter = [`http: { ${free} }`, `ops: { ${free} }`];
  await writeFile(path, `recorder:\n  ${recorder.join("\n  ")}\nadapter:\n  ${adapter.join("\n  ")}\n`);
  return path;
}

/** A recorder with one sealed recording of three segments. */
async function openRecorder(): Promise<{ recorder: TestRecorder; id: string }> {
  const recorder = await TestRecorder.open();
  onTestFinished(() => recorder[Symbol.asyncDispose]());
  await recorder.happens("connected");
  const { id } = await recorder.onlyRecording();
  for (let second = 0; second < 3; second += 1)
    await recorder.addSegment(id, recorder.clock.now() + second * 1_000, 1_000);
  await recorder.happens("agent-available", 10);
  await recorder.untilPhase("sealed");
  return { recorder, id };
}

const longAgo = new Date(Date.now() - 3_600_000);

describe("npm run doctor", () => {
  test("looks at the call buffer of a running recorder without touching it", async () => {
    const { recorder } = await openRecorder();
    const config = await writeConfig(`bufferDir: ${recorder.folder}`);
    const before = await readdir(recorder.folder);
    const seen = await visit(["--json", "--config", config]);
    const buffer = JSON.parse(seen.stdout) as { findings: Finding[] };
    const states = Object.fromEntries(
      buffer.findings
        .filter(({ group }) => group.startsWith("Call buffer"))
        .map(({ name, state }) => [name, state]),
    );
    expect(states).toEqual({
      ...{ folder: "ok", catalogue: "ok", schema: "ok", recordings: "ok", files: "ok", space: "ok" },
      // Its clock stands in the past, so it has waited for long.
      "hand-off": "warn",
      "file descriptors": "ok",
    });
    expect(await readdir(recorder.folder)).toEqual(before);
    await recorder.happens("connected", 1, { callSessionId: "s2" });
  });

  test("names what is missing, wrong or nobody's in the call buffer, and ends with 1", async () => {
    const { recorder, id } = await openRecorder();
    await recorder.stop();
    await rm(join(recorder.folder, id, "1", "000001.scn"));
    await truncate(join(recorder.folder, id, "1", "000002.scn"), 3);
    await mkdir(join(recorder.folder, "01UNKNOWN", "1"), { recursive: true });
    const strays = [
      "01UNKNOWN/1/000001.scn",
      "01UNKNOWN/1",
      "01UNKNOWN",
      `${id}/1/000009.scn.part`,
      "notes.txt",
    ];
    for (const path of strays) {
      if (/\.\w+$/.test(path)) await writeFile(join(recorder.folder, path), "abc");
      await utimes(join(recorder.folder, path), longAgo, longAgo);
    }
    const seen = await visit(["--json", "--config", await writeConfig(`bufferDir: ${recorder.folder}`)]);
    expect(seen.code).toBe(1);
    expect(seen.found("files")?.found).toBe(
      `1 missing (${id}/1/000001.scn), 1 of the wrong size (${id}/1/000002.scn), of 3 segments of 1 recording, 7 B`,
    );
    expect(seen.found("unsealed files")?.found).toBe(`${id}/1/000009.scn.part: left by a crash`);
    expect(seen.found("unknown files")?.found).toBe("2 (6 B) that no recording has: notes.txt, 01UNKNOWN");
    await expect(stat(join(recorder.folder, "01UNKNOWN/1/000001.scn"))).resolves.toBeDefined();
  });

  test("reads every file with --deep", async () => {
    const { recorder, id } = await openRecorder();
    // Its files' hashes are made up.
    const seen = await visit([
      "--json",
      "--deep",
      "--config",
      await writeConfig(`bufferDir: ${recorder.folder}`),
    ]);
    expect(seen.found("files")?.found).toContain(`3 with changed content (${id}/1/000001.scn,`);
  });

  test("says that nothing is recorded, below the reserve and above the quota", async () => {
    const { recorder } = await openRecorder();
    const at = `bufferDir: ${recorder.folder}`;
    const reserve = await visit(["--json", "--config", await writeConfig(at, "buffer: { reserveMb: 1e12 }")]);
    expect([reserve.code, reserve.found("space")?.state]).toEqual([1, "fail"]);
    expect(reserve.found("space")?.found).toContain("nothing is recorded");
    const quota = await visit([
      "--json",
      "--config",
      await writeConfig(at, "buffer: { reserveMb: 0, quotaMb: 1e-6 }"),
    ]);
    expect(quota.found("space")?.mend).toContain("recorder.buffer.quotaMb");
  });

  test("says who holds a port, and which secrets others can read", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await writeFile(join(folder, "tokens.json"), "{}", { mode: 0o644 });
    const config = await writeConfig("tokensFile: ./tokens.json");
    const seen = await visit(["--json", "--config", config], {
      env: { DESKREEL_RECORDER__HTTP__PORT: String(port) },
    });
    expect(seen.code).toBe(1);
    expect(seen.found("API port")).toMatchObject({ state: "fail" });
    expect(seen.found("API port")?.found).toContain(`pid ${process.pid}`);
    expect(seen.found("tokens file")).toMatchObject({
      state: "fail",
      mend: `chmod 600 ${join(folder, "tokens.json")}`,
    });
  });

  test("tells every fault of a configuration, looks at the machine all the same, and ends with 2", async () => {
    const config = await writeConfig("buffer: { reserveMb: -1 }", "colour: red");
    const seen = await visit(["--json", "--config", config]);
    expect(seen.code).toBe(2);
    expect(seen.bad).toContain("fail recorder.buffer.reserveMb: found -1");
    expect(seen.bad).toContain('fail recorder.colour: found "red"');
    expect(seen.found("Node.js")?.state).toBe("ok");
  });

  test("refuses what it does not know, with its usage", async () => {
    const seen = await visit(["--deeper"]);
    expect([seen.code, seen.stdout]).toEqual([2, ""]);
    expect(seen.stderr).toContain("usage: npm run doctor");
  });

  test("writes lines of 100 columns without colours when it is not on a terminal", async () => {
    const { stdout, code } = await visit(["--config", await writeConfig()]);
    expect([0, 1]).toContain(code);
    expect(stdout).toMatch(/^Set-up\n {2}ok {4}system/);
    expect(stdout).toMatch(/\d+ failed, \d+ warnings?, \d+ fine\.\n$/);
    expect(stdout).not.toContain("\u001B");
    const long = stdout.split("\n").filter((line) => line.length > 100 && line.slice(29).includes(" "));
    expect(long).toEqual([]);
  });

  test("says on a machine where nothing is set up what is missing, and sets nothing up", async () => {
    const clone = join(folder, "clone");
    await cp(join(REPOSITORY, "build"), join(clone, "build"), { recursive: true });
    for (const name of ["package.json", "package-lock.json"])
      await cp(join(REPOSITORY, name), join(clone, name));
    const env = { DESKREEL_CACHE: join(folder, "cache"), PATH: "/nowhere" };
    const seen = await visit(["--json"], { root: clone, env });
    expect(seen.code).toBe(1);
    expect(seen.bad.join("\n")).toContain("fail npm packages: missing");
    expect(seen.bad.join("\n")).toContain("fail ffmpeg: not there");
    expect((await readdir(clone)).sort()).toEqual(["build", "package-lock.json", "package.json"]);
    expect(await readdir(folder)).not.toContain("cache");
  });
});
