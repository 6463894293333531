import { globSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "#shared/runtime/subprocess.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { decodeFaults, probeMedia } from "../media/probe.ts";
import { startProgram } from "../rig/program.ts";
import { Evidence } from "./evidence.ts";
import { readZip } from "./zip-file.ts";

const PLAYWRIGHT = join(REPOSITORY, "node_modules/.bin/playwright");
const CONFIG = join(import.meta.dirname, "testing/playwright.config.ts");

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "deskreel-failure-test-"));
});
afterAll(() => rm(scratch, { recursive: true }));

test("a test that fails leaves a folder that tells all of it and no secret; one that passes leaves nothing", async () => {
  const [results, secretsFile] = [join(scratch, "results"), join(scratch, "secrets.json")];
  const output: string[] = [];
  const program = await startProgram(
    "Playwright",
    PLAYWRIGHT,
    ["test", "--config", CONFIG, "--output", results, "--reporter=list"],
    { cwd: REPOSITORY, env: { SECRETS_FILE: secretsFile }, onLine: (line) => output.push(line) },
  );
  expect(await program.ended, program.tail()).toEqual({ code: 1, signal: null });
  const told = stripVTControlCharacters(output.join("\n"));
  expect(told).toMatch(/1 failed\n.*\n\s+1 passed/);
  // Its own error, and nothing of what was collected in its place.
  expect(told).toContain('Expected: "discarded"');
  expect(told.match(/^\s*(.*Error:)/gm)).toHaveLength(1);

  const folders = (await readdir(results, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect(folders).toHaveLength(1);
  const folder = join(results, folders[0]?.name ?? "");
  expect(told).toContain(`${folders[0]?.name}/README.md`);
  const files = globSync("**", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replace(/display-\d+/, "display-N"),
    );
  expect(files.toSorted()).toEqual([
    "README.md",
    "agents.json",
    "catalogue/catalog.db",
    "config/deskreel.yaml",
    "config/desktop-PC-0815.yaml",
    "display-N.png",
    "error-context.md",
    "interactions.json",
    "log.txt",
    "page-1-trace.zip",
    "page-1.png",
    "recorder-metrics.txt",
    "recordings.json",
    "screens/recording-1-PC-0815-track-1.webm",
  ]);

  const video = join(folder, "screens/recording-1-PC-0815-track-1.webm");
  expect((await probeMedia(video)).video).toEqual({ codec: "vp9", width: 1280, height: 720 });
  expect(await decodeFaults(video)).toBe("");
  const [screenshot = ""] = globSync("display-*.png", { cwd: folder });
  expect((await probeMedia(join(folder, screenshot))).video).toEqual({
    codec: "png",
    width: 1280,
    height: 720,
  });

  const lines = (await readFile(join(folder, "log.txt"), "utf8")).trimEnd().split("\n");
  const times = lines.map((line) => line.slice(0, 12));
  expect(times.filter((time) => !/^\d\d:\d\d:\d\d\.\d{3}$/.test(time))).toEqual([]);
  // Unless it is midnight.
  expect(times).toEqual(times.toSorted());
  const parts = new Set(lines.map((line) => /^\S+ +[+-]\S+ +(\S+)/.exec(line)?.[1]));
  expect(parts).toEqual(new Set(["test", "recorder", "adapter", "PC-0815"]));
  const place = (what: string) => lines.findIndex((line) => new RegExp(` test +info +${what}`).test(line));
  expect(place("call connected")).toBeGreaterThan(place("desktop launches"));
  expect(place("test failed")).toBeGreaterThan(place("call connected"));

  const trace = await readZip(join(folder, "page-1-trace.zip"));
  expect(trace.map(({ name }) => name)).toEqual(expect.arrayContaining(["trace.trace", "trace.network"]));
  const secrets = JSON.parse(await readFile(secretsFile, "utf8")) as string[];
  expect(secrets.length).toBeGreaterThanOrEqual(6);
  const everything = [
    Buffer.from(told),
    ...trace.map(({ bytes }) => bytes),
    ...(await Promise.all(globSync("**/*.*", { cwd: folder }).map((name) => readFile(join(folder, name))))),
  ];
  expect(secrets.filter((secret) => everything.some((bytes) => bytes.includes(secret)))).toEqual([]);
  // They were there, and have become stars.
  expect(trace.find(({ name }) => name === "trace.trace")?.bytes.includes("?token=***")).toBe(true);

  const readme = await readFile(join(folder, "README.md"), "utf8");
  expect(readme).toContain("the viewer's token is ***");
  expect(readme).not.toContain("Not to be had");
  const again = /^npm run e2e -- (.*)$/m.exec(readme)?.[1] ?? "";
  const list = await run("sh", ["-c", `"$0" test --config "$1" --list ${again}`, PLAYWRIGHT, CONFIG], {
    cwd: REPOSITORY,
  });
  expect(list.toString()).toContain("Total: 1 test in 1 file");
});

test("what cannot be had in time is told, takes no longer, and is no error of the test", async () => {
  const outputDir = join(scratch, "slow");
  const error = { message: "the test's own" };
  const evidence = await Evidence.begin(
    {
      ...{ status: "failed", expectedStatus: "passed", errors: [error], outputDir },
      ...{
        file: join(REPOSITORY, "e2e/specs/x.spec.ts"),
        line: 7,
        title: "it's slow",
        titlePath: ["x", "it's slow"],
      },
    },
    { eachMs: 200, allMs: 300 },
  );
  await mkdir(join(evidence.folder, "logs"));
  await evidence.keepPage(hangingPage());
  evidence.keepLog("broken", () => {
    throw new Error("its log is gone");
  });
  await evidence.end();
  const readme = await readFile(join(outputDir, "README.md"), "utf8");
  expect(readme).toContain("the test's own");
  expect(readme).toContain("- the screenshot of page-1: it takes longer than 0.2 s\n");
  expect(readme).toMatch(/- the trace of page-1: it takes longer than 0(\.\d+)? s\n/);
  expect(readme).toContain("npm run e2e -- e2e/specs/x.spec.ts:7 -g 'it'\\''s slow'");
});

/** A page whose browser says nothing any more. */
function hangingPage(): Page {
  const never = () => new Promise(() => {});
  const context = () => ({ tracing: { start: async () => {}, stop: never }, cookies: never });
  return { screenshot: never, context } as unknown as Page;
}
