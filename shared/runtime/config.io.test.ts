import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError, loadConfig } from "./config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deskreel-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const file = join(folder, "deskreel.yaml");
  writeFileSync(file, text);
  return file;
}

function problemsOf(file: string, environment: NodeJS.ProcessEnv = {}) {
  try {
    loadConfig(file, environment, folder);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("without a file the embedded defaults hold and data lies under ./data", () => {
  const config = loadConfig(undefined, {}, folder);
  expect(config.recorder.http).toEqual({ host: "127.0.0.1", port: 7400, tls: null, allowPlainHttp: false });
  expect(config.recorder.bufferDir).toBe(join(folder, "data/buffer"));
  expect(config.recorder.capture).toEqual({
    framesPerSecond: 5,
    maxBitrateKbps: 1200,
    codecs: ["vp9", "av1", "h264", "vp8"],
    monitors: "all",
    whenLocked: "pause",
    budgets: { cpuPercent: 40, uplinkKbps: 2000 },
  });
  expect(config.adapter.recorders).toEqual([
    { url: "http://127.0.0.1:7400", tokenFile: join(folder, "data/recorder-tokens.json") },
  ]);
  expect(config.adapter.archive.url).toBe(pathToFileURL(join(folder, "data/archive")).href);
  expect(config.dynamics).toBeUndefined();
});

test("./deskreel.yaml is read when no file is named, and paths count from its folder", () => {
  write("recorder: { bufferDir: ./calls }");
  expect(loadConfig(undefined, {}, folder).recorder.bufferDir).toBe(join(folder, "calls"));
});

test("the environment wins over the file", () => {
  const file = write("recorder: { http: { port: 1234 } }");
  const environment = {
    DESKREEL_RECORDER__HTTP__PORT: "4321",
    DESKREEL_RECORDER__BUFFER_DIR: "/calls",
    DESKREEL_CACHE: "x",
  };
  const { recorder } = loadConfig(file, environment, folder);
  expect([recorder.http.port, recorder.bufferDir]).toEqual([4321, "/calls"]);
});

test("all problems are named at once, with what was found and what is allowed", () => {
  const file = write(`
recorder:
  http: { port: 99999 }
  capture: { maxBitrateKbps: 300, codecs: [vp10] }
  bufer: x
adapter:
  archive: { url: "ftp://x" }
`);
  expect(problemsOf(file).map(({ path, found }) => [path, found])).toEqual([
    ["recorder.http.port", "99999"],
    ["recorder.capture.maxBitrateKbps", "300"],
    ["recorder.capture.codecs.0", '"vp10"'],
    ["recorder.bufer", '"x"'],
    ["adapter.archive.url", '"ftp://x"'],
  ]);
});

test("a bad value of the environment is named like one of the file", () => {
  expect(problemsOf(write(""), { DESKREEL_ADAPTER__HTTP__PORT: "abc" })).toEqual([
    { path: "adapter.http.port", found: '"abc"', message: expect.any(String) },
  ]);
});

test("what only an archive in S3 has is refused for a folder, and what does not go together is named", () => {
  const archive = (tree: object) => write(JSON.stringify({ adapter: { archive: tree } }));
  const endpoint = "https://s3.contoso.com";
  expect(problemsOf(archive({ endpoint, objectLock: { mode: "GOVERNANCE", days: 1 } }))).toMatchObject([
    { path: "adapter.archive.endpoint", message: "is for an archive in s3:// only" },
    { path: "adapter.archive.objectLock", message: "is for an archive in s3:// only" },
  ]);
  const credentials = { accessKeyId: "a", secretAccessKey: "hush" };
  const both = { url: "s3://calls/x", credentials, credentialsFile: "./s3.json", kmsKeyId: "k" };
  const problems = problemsOf(archive(both));
  expect(problems.map(({ path }) => path)).toEqual([
    "adapter.archive.kmsKeyId",
    "adapter.archive.credentialsFile",
  ]);
  const wrong = archive({ url: "s3://calls/x", credentials: { ...credentials, secretAccessKey: ["hush"] } });
  expect(JSON.stringify(problemsOf(wrong))).not.toContain("hush");
  expect(JSON.stringify(problemsOf(archive({ url: "s3://calls/x", credentials: "hush" })))).not.toContain(
    "hush",
  );
});

test.each([
  ["host: 127.0.0.1", []],
  ["host: localhost", []],
  ['host: "::1"', []],
  ["host: 10.0.0.5", ["host"]],
  ["host: 0.0.0.0", ["host"]],
  ['host: "::"', ["host"]],
  ["host: deskreel.contoso.com", ["host"]],
  ["host: 10.0.0.5, tls: { certFile: a.pem }", ["tls.keyFile"]],
  ["host: 10.0.0.5, tls: { certFile: a.pem, keyFile: a.key }", []],
  ["host: 10.0.0.5, allowPlainHttp: true", []],
])("a listener that others reach speaks TLS, unless told otherwise: %s", (listener, problems) => {
  for (const place of ["recorder.http", "recorder.ops", "adapter.http", "adapter.ops"]) {
    const [part, name] = place.split(".");
    const found = problemsOf(write(`${part}: { ${name}: { ${listener} } }`));
    expect(found.map(({ path }) => path)).toEqual(problems.map((key) => `${place}.${key}`));
    if (found[0]?.path === `${place}.host`) expect(found[0].message).toContain("allowPlainHttp: true");
  }
});

test("plain http to Dynamics is for loopback only", () => {
  const dynamics = (url: string) =>
    write(JSON.stringify({ dynamics: { url, tenantId: "t", clientId: "c", clientSecretFile: "s" } }));
  expect(problemsOf(dynamics("http://contoso.crm4.dynamics.com")).map(({ path }) => path)).toEqual([
    "dynamics.url",
  ]);
  expect(problemsOf(dynamics("http://127.0.0.1:9000"))).toEqual([]);
});

test.each([
  ["http://intranet.contoso.com/recording", ["desktop.noticeUrl"]],
  ["file:///etc/passwd", ["desktop.noticeUrl"]],
  ["https://intranet.contoso.com/recording", []],
])("the page about recordings is https: %s", (noticeUrl, problems) => {
  const file = write(JSON.stringify({ desktop: { noticeUrl } }));
  expect(problemsOf(file).map(({ path }) => path)).toEqual(problems);
});

test.each([
  ["serverUrl: wss://deskreel.contoso.com/v1/agent", []],
  ["serverUrl: ws://localhost:7400/v1/agent", []],
  ["serverUrl: ws://deskreel.contoso.com/v1/agent", ["desktop.serverUrl"]],
  ["serverUrl: ws://deskreel.contoso.com/v1/agent, allowPlainHttp: true", []],
  ["proxy: direct", []],
  ["proxy: http://proxy.contoso.com:8080", []],
  ['proxy: "socks5://[::1]:1080/"', []],
  ["proxy: proxy.contoso.com", ["desktop.proxy"]],
  ["proxy: http://ann:hush@proxy.contoso.com", ["desktop.proxy"]],
])("a desktop with %s", (line, problems) => {
  expect(problemsOf(write(`desktop: { ${line} }`)).map(({ path }) => path)).toEqual(problems);
});

test("a secret's value is not shown", () => {
  const password = write("desktop: { proxyCredentials: { username: ann, password: [hush] } }");
  expect(problemsOf(password)).toMatchObject([{ found: "(hidden)", message: "must be a text" }]);
  const file = write("desktop: { enrollmentToken: [hush] }");
  expect(JSON.stringify(problemsOf(file))).not.toContain("hush");
  const environment = { DESKREEL_DESKTOP__ENROLLMENT_TOKEN: "[hush" };
  expect(problemsOf(write(""), environment)).toContainEqual({
    path: "DESKREEL_DESKTOP__ENROLLMENT_TOKEN",
    found: "(hidden)",
    message: "must be a YAML value",
  });
  expect(JSON.stringify(problemsOf(write(""), environment))).not.toContain("hush");
});

test.each([
  ["is missing", () => join(folder, "none.yaml")],
  ["is a folder", () => folder],
  ["is not YAML", () => write("recorder: [unclosed")],
  ["is a list", () => write("- a\n- b")],
])("a file that %s is one clear problem", (_, make) => {
  expect(problemsOf(make()).map(({ path }) => path)).toEqual(["(file)"]);
});
