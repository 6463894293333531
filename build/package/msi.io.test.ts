import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readManagedSettings, type SystemSettings } from "../../apps/desktop/managed/managed-settings.ts";
import { runCommand } from "../setup/command.mjs";
import { autostartTask } from "./autostart-task.ts";
import { buildMsi } from "./msi.ts";

/** Windows Installer's "fatal error", which wine cuts to a byte. */
const REFUSED = 1_603 % 256;
const SERVER = "wss://recorder.contoso.com/v1/agent";

let folder: string;
let older: string;
let newer: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-msi-test-"));
  // A stand-in: what matters here is the installer, and the app for Windows is not made on this machine.
  const app = join(folder, "app");
  await mkdir(join(app, "resources"), { recursive: true });
  await writeFile(join(app, "Deskreel.exe"), "a stand-in");
  await writeFile(join(app, "resources/app.asar"), "a stand-in");
  await mkdir(join(folder, "wine"));
  older = join(folder, "older.msi");
  newer = join(folder, "newer.msi");
  await buildMsi(app, older, "1.0.0");
  await buildMsi(app, newer, "1.1.0");
  expect(wine("wineboot", "-i").status).toBe(0);
});
afterAll(async () => {
  spawnSync("wineserver", ["-k"], { env: wineEnvironment(), stdio: "ignore" });
  await rm(folder, { recursive: true });
});

function wineEnvironment(): NodeJS.ProcessEnv {
  const { DISPLAY: _, ...surroundings } = process.env;
  return {
    ...surroundings,
    WINEPREFIX: join(folder, "wine"),
    WINEARCH: "win64",
    WINEDEBUG: "-all",
    // Else it offers to download .NET and a browser.
    WINEDLLOVERRIDES: "mscoree,mshtml=",
  };
}

function wine(...args: string[]) {
  return spawnSync("wine", args, { env: wineEnvironment(), encoding: "utf8", timeout: 120_000 });
}

function beWindows(version: "win7" | "win10"): void {
  expect(wine("reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", version, "/f").status).toBe(0);
}

const install = (msi: string, ...properties: string[]) =>
  wine("msiexec", "/i", msi, "/qn", ...properties).status;

/** What the app itself would read there, by the registry's own program. */
function machineSettings(): unknown {
  const system: SystemSettings = {
    platform: "win32",
    readText: () => null,
    run: (_, args) => {
      const { status, stdout } = wine("reg", ...args);
      return status === 0 ? stdout : null;
    },
  };
  return readManagedSettings(system).map(({ settings }) => settings);
}

const program = () => join(folder, "wine/drive_c/Program Files/Deskreel");
const task = () => join(folder, "wine/drive_c/windows/system32/tasks/Deskreel");

test("logs may not show the token, an administrator's properties reach the installer, and users have none", async () => {
  const properties = await runCommand("msiinfo", ["export", older, "Property"]);
  expect(properties).toContain("MsiHiddenProperties\tENROLLTOKEN;OLDENROLLTOKEN");
  expect(properties).toMatch(/SecureCustomProperties\tSERVERURL;ENROLLTOKEN;NOTICE;AUTOSTART;/);
  expect(properties).toContain("ALLUSERS\t1");
});

test("it is refused before Windows 10", () => {
  beWindows("win7");
  expect(install(older, `SERVERURL=${SERVER}`)).toBe(REFUSED);
  expect(existsSync(program())).toBe(false);
});

test("it installs silently, keeps its settings through an upgrade, refuses a downgrade, goes without a trace", async () => {
  beWindows("win10");
  expect(machineSettings()).toEqual([]);
  expect(install(older, `SERVERURL=${SERVER}`, "ENROLLTOKEN=a token", "NOTICE=start")).toBe(0);
  const settings = { serverUrl: SERVER, enrollmentToken: "a token", notice: "start" };
  expect(machineSettings()).toEqual([settings]);
  expect(existsSync(join(program(), "Deskreel.exe"))).toBe(true);
  expect(existsSync(join(program(), "resources/app.asar"))).toBe(true);
  expect(await readFile(join(program(), "autostart-task.xml"), "utf8")).toBe(autostartTask());
  // Wine takes a task over without its command and triggers: it shows that the task came, Windows alone would run it.
  const registered = await readFile(task(), "utf8");
  expect(registered).toContain("<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>");
  expect(registered).toContain("<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>");

  expect(install(newer)).toBe(0);
  expect(machineSettings()).toEqual([settings]);
  expect(existsSync(task())).toBe(true);

  expect(install(older)).toBe(REFUSED);
  expect(machineSettings()).toEqual([settings]);

  expect(wine("msiexec", "/x", newer, "/qn").status).toBe(0);
  expect(machineSettings()).toEqual([]);
  expect(existsSync(task())).toBe(false);
  expect(existsSync(program())).toBe(false);
  expect(wine("reg", "query", "HKLM\\SOFTWARE\\DeskreelSetup", "/reg:64").status).toBe(1);
});

test("an upgrade's own properties win, and AUTOSTART=0 is kept: there is no task", () => {
  expect(install(older, `SERVERURL=${SERVER}`, "AUTOSTART=0")).toBe(0);
  expect(existsSync(task())).toBe(false);
  expect(install(newer, "SERVERURL=wss://other.contoso.com/v1/agent")).toBe(0);
  expect(machineSettings()).toEqual([{ serverUrl: "wss://other.contoso.com/v1/agent" }]);
  expect(existsSync(task())).toBe(false);
  expect(wine("msiexec", "/x", newer, "/qn").status).toBe(0);
});
