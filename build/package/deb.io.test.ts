import { createHash } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../e2e/rig/ports.ts";
import { type Program, startProgram } from "../../e2e/rig/program.ts";
import { startXDisplay } from "../../e2e/rig/x-display.ts";
import { runCommand } from "../setup/command.mjs";
import { buildDeb, DEB_PACKAGE } from "./deb.ts";
import { packLinuxAppForTests, type UnpackedApp } from "./unpacked-app.ts";

const NOBODY = 65_534;
/** What apps/desktop ends with for an installer. */
const EXIT_FOR_INSTALLER = 3;
const IS_ROOT = process.getuid?.() === 0;

let app: UnpackedApp;
let folder: string;
let deb: string;

beforeAll(async () => {
  app = await packLinuxAppForTests();
  // Of every user's reach, which a folder of mkdtemp is not.
  folder = await mkdtemp("/var/tmp/deskreel-deb-test-");
  await chmod(folder, 0o755);
  deb = await buildDeb(app, folder, { compression: "none" });
});
afterAll(() => rm(folder, { recursive: true }));

async function field(name: string): Promise<string> {
  return (await runCommand("dpkg-deb", ["-f", deb, name])).trim();
}

test("the package names itself, and its version sorts before the release's where it is for tests only", async () => {
  const version = app.version.replace("-", "~");
  expect([await field("Package"), await field("Version"), await field("Architecture")]).toEqual([
    "deskreel-desktop",
    version,
    "amd64",
  ]);
  if (app.electron.forTestsOnly)
    await runCommand("dpkg", ["--compare-versions", version, "lt", app.version.split("-")[0] ?? ""]);
  expect(Number(await field("Installed-Size"))).toBeGreaterThan(100_000);
});

test("everything in it is root's, nobody else may write it, and the sandbox's helper alone is setuid", async () => {
  const lines = (await runCommand("dpkg-deb", ["-c", deb])).trim().split("\n");
  const entries = lines.map((line) => {
    const [mode = "", owner = "", , , , path = ""] = line.split(/\s+/);
    return { mode, owner, path };
  });
  expect(entries.filter(({ owner }) => owner !== "root/root")).toEqual([]);
  expect(entries.filter(({ mode }) => !/^(drwxr-xr-x|-rw[xs]r-xr-x|-rw-r--r--)$/.test(mode))).toEqual([]);
  expect(entries.filter(({ mode }) => mode.includes("s")).map(({ path }) => path)).toEqual([
    "./opt/Deskreel/chrome-sandbox",
  ]);
  const outside = entries.map(({ path }) => path).filter((path) => !path.startsWith("./opt/Deskreel/"));
  expect(outside.filter((path) => !path.endsWith("/")).toSorted()).toEqual([
    "./etc/xdg/autostart/deskreel.desktop",
    `./usr/share/doc/${DEB_PACKAGE}/changelog.gz`,
    `./usr/share/doc/${DEB_PACKAGE}/copyright`,
  ]);
  expect(outside).toContain("./etc/deskreel/");
});

test("every library that the program is linked with comes by its dependencies", async () => {
  const linked = await runCommand("ldd", [app.executable]);
  expect(linked).not.toContain("not found");
  // Electron's own library lies beside the program.
  const libraries = [...linked.matchAll(/=> (\/\S+)/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !path.startsWith(app.folder));
  expect(libraries.length).toBeGreaterThan(30);
  const owners = await ownersOf(libraries);
  const needed = new Set(owners.split("\n").map((line) => line.split(":")[0] ?? ""));
  const reached = await dependenciesOf(await field("Depends"));
  expect([...needed].filter((name) => !reached.has(name))).toEqual([]);
});

/** What dpkg says of files, a line each; of a library it knows one of the names that merged /usr gives it. */
async function ownersOf(paths: readonly string[]): Promise<string> {
  const names = paths.flatMap((path) => {
    const short = path.replace(/^\/usr/, "");
    return [short, `/usr${short}`];
  });
  // It ends with 1 where it knows one of them not, and lists the others all the same.
  const owners = await runCommand("sh", ["-c", 'dpkg -S "$@" 2>/dev/null || true', "sh", ...names]);
  for (const path of paths) expect(owners).toContain(path.replace(/^\/usr/, ""));
  return owners.trim();
}

/** The installed packages that a list of dependencies brings, with theirs. */
async function dependenciesOf(list: string): Promise<Set<string>> {
  const installed = await runCommand("dpkg-query", ["-W", "-f", "${Package}\t${Depends}, ${Pre-Depends}\n"]);
  const depends = new Map(installed.split("\n").map((line) => line.split("\t") as [string, string]));
  const reached = new Set<string>();
  const names = (text: string) => text.split(/[,|]/).map((name) => name.trim().split(/[ :]/)[0] ?? "");
  const waiting = names(list);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const more = depends.get(name);
    if (more === undefined || reached.has(name)) continue;
    reached.add(name);
    waiting.push(...names(more));
  }
  return reached;
}

test("it installs, starts, is upgraded under the app, which starts anew, and goes without a trace", async () => {
  const root = join(folder, "root");
  await mkdir(join(root, "var/lib/dpkg/updates"), { recursive: true });
  await mkdir(join(root, "var/lib/dpkg/info"));
  for (const name of ["status", "available"]) await writeFile(join(root, "var/lib/dpkg", name), "");
  const dpkg = (...args: string[]) => {
    const forced = ["--force-depends", "--force-script-chrootless", "--force-confnew"];
    const command = ["dpkg", `--root=${root}`, `--log=${folder}/dpkg.log`, ...forced, ...args];
    return IS_ROOT ? runCommand("dpkg", command.slice(1)) : runCommand("fakeroot", command);
  };
  const status = () =>
    runCommand("dpkg-query", [
      `--admindir=${root}/var/lib/dpkg`,
      "-W",
      "-f",
      "${db:Status-Status} ${Version}",
      DEB_PACKAGE,
    ]);
  await dpkg("-i", deb);
  expect(await status()).toBe(`installed ${app.version.replace("-", "~")}`);
  expect(await readdir(join(root, "etc/deskreel"))).toEqual([]);
  const program = join(root, "opt/Deskreel/deskreel");
  const autostart = await readFile(join(root, "etc/xdg/autostart/deskreel.desktop"), "utf8");
  expect(join(root, /^Exec=(.*)$/m.exec(autostart)?.[1] ?? "")).toBe(program);
  expect(await sha256(program)).toBe(await sha256(app.executable));

  await using x = await startXDisplay();
  const desktop = await startAsOrdinaryUser(program, x.display);
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(desktop);
  cleanup.defer(() => {
    for (const { pid } of runningApps(program)) process.kill(pid, "SIGKILL");
  });

  const next = await buildDeb(app, folder, { compression: "none", version: "99.0.0" });
  await dpkg("-i", next);
  expect(await status()).toBe("installed 99.0.0");
  expect(await desktop.ended).toEqual({ code: EXIT_FOR_INSTALLER, signal: null });
  const startsLogged = async () =>
    (await readFile(join(folder, "home/logs/desktop.log"), "utf8")).split('"desktop started"').length - 1;
  await expect.poll(startsLogged, { timeout: 60_000 }).toBe(2);
  // By the new file, not the one that was open.
  expect(runningApps(program).map(({ file }) => file)).toEqual([program]);

  await dpkg("-P", DEB_PACKAGE);
  await expect.poll(() => runningApps(program), { timeout: 30_000 }).toEqual([]);
  expect((await readdir(root)).toSorted()).toEqual(["var"]);
});

/** The apps that run a file, deleted or not; the processes that Chromium starts for them carry a --type. */
function runningApps(program: string): { pid: number; file: string }[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const file = readlinkSync(`/proc/${entry}/exe`);
        const isApp = !/[\0 ]--type=/.test(readFileSync(`/proc/${entry}/cmdline`, "utf8"));
        return file.startsWith(program) && isApp ? [{ pid: Number(entry), file }] : [];
      } catch {
        return []; // Ended while it was looked at.
      }
    });
}

async function sha256(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

/** Returns when it says that it has started; its recorder is not there, so it stays. */
async function startAsOrdinaryUser(program: string, display: string): Promise<Program> {
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  const config = join(home, "desktop.yaml");
  const serverUrl = `ws://127.0.0.1:${await freePort()}/v1/agent`;
  await writeFile(config, JSON.stringify({ desktop: { serverUrl, enrollmentToken: "x", dataDir: home } }));
  if (IS_ROOT) for (const path of [home, config]) await chown(path, NOBODY, NOBODY);
  let started = false;
  const desktop = await startProgram("the installed app", program, ["--config", config], {
    ...(IS_ROOT ? { uid: NOBODY } : {}),
    env: { DISPLAY: display, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_RUNTIME_DIR: home },
    cwd: home,
    onLine: (line) => (started ||= line.includes('"desktop started"')),
  });
  await expect.poll(() => started || desktop.tail(), { timeout: 60_000 }).toBe(true);
  return desktop;
}
