import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readManagedSettings, type SystemSettings } from "../../apps/desktop/managed/managed-settings.ts";
import { WAITS_FOR_RECORDING_MS } from "../../apps/desktop/domain/update.ts";
import { runCommand } from "../setup/command.mjs";
import { autostartTask } from "./autostart-task.ts";
import { buildMsi } from "./msi.ts";

/** Windows Installer's "fatal error", which wine cuts to a byte. */
const REFUSED = 1_603 % 256;
const SERVER = "wss://recorder.contoso.com/v1/agent";

const TOKEN = "a token that no log shows";

let folder: string;
/** Keeps wine's services up, which take seconds to start with each command otherwise. */
let resident: ChildProcess;
let older: string;
let newer: string;
/** An upgrade by it waits for hardly a moment. */
let newest: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-msi-test-"));
  await mkdir(join(folder, "wine"));
  expect(wine("wineboot", "-i").status).toBe(0);
  resident = spawn("wine", ["cmd", "/c", "more"], {
    env: wineEnvironment(),
    stdio: ["pipe", "ignore", "ignore"],
  });
  const app = join(folder, "app");
  await mkdir(join(app, "resources"), { recursive: true });
  await writeFile(join(app, "Deskreel.exe"), await standIn());
  const build = async (version: string, updateRounds?: number) => {
    await writeFile(join(app, "resources/app.asar"), version);
    const file = join(folder, `${version}.msi`);
    await buildMsi(app, file, version, updateRounds);
    return file;
  };
  older = await build("1.0.0");
  newer = await build("1.1.0");
  newest = await build("1.2.0", 2);
});
afterAll(async () => {
  resident.stdin?.end();
  spawnSync("wineserver", ["-k"], { env: wineEnvironment(), stdio: "ignore" });
  await rm(folder, { recursive: true });
});

/**
 * What matters here is the installer, and the app for Windows is not made on this machine: wine's own cmd.exe stands in
 * for it, without the mark by which wine takes it for a part of its own.
 */
async function standIn(): Promise<Uint8Array> {
  const program = await readFile(join(folder, "wine/drive_c/windows/system32/cmd.exe"));
  expect(program.toString("latin1", 0x40, 0x50)).toBe("Wine builtin DLL");
  return program.fill(0, 0x40, 0x60);
}

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

/** What the installer notes for detection rules. */
function installedVersion(): string | undefined {
  const { stdout } = wine("reg", "query", "HKLM\\SOFTWARE\\DeskreelSetup", "/v", "Version", "/reg:64");
  return /Version +REG_SZ +(\S+)/.exec(stdout)?.[1];
}

const windowsPath = (path: string) => `Z:${path.replaceAll("/", "\\")}`;
const program = () => join(folder, "wine/drive_c/Program Files/Deskreel");
const task = () => join(folder, "wine/drive_c/windows/system32/tasks/Deskreel");

test("logs may not show the token, an administrator's properties reach the installer, and users have none", async () => {
  const properties = await runCommand("msiinfo", ["export", older, "Property"]);
  expect(properties).toContain("MsiHiddenProperties\tENROLLTOKEN;OLDENROLLTOKEN");
  expect(properties).toMatch(/SecureCustomProperties\tSERVERURL;ENROLLTOKEN;NOTICE;AUTOSTART;/);
  expect(properties).toContain("ALLUSERS\t1");
  // How it is told of values that are written: by their names.
  const progress = await runCommand("msiinfo", ["export", older, "ActionText"]);
  expect(progress).toContain("WriteRegistryValues\tWriting settings\tKey: [1], Name: [2]");
});

test("it is refused before Windows 10", () => {
  beWindows("win7");
  expect(install(older, `SERVERURL=${SERVER}`)).toBe(REFUSED);
  expect(existsSync(program())).toBe(false);
});

test("it installs silently, keeps its settings through an upgrade, refuses a downgrade, goes without a trace", {
  timeout: 400_000,
}, async () => {
  beWindows("win10");
  expect(machineSettings()).toEqual([]);
  const log = join(folder, "install.log");
  expect(
    install(older, `SERVERURL=${SERVER}`, `ENROLLTOKEN=${TOKEN}`, "NOTICE=start", "/l*v", windowsPath(log)),
  ).toBe(0);
  const settings = { serverUrl: SERVER, enrollmentToken: TOKEN, notice: "start" };
  expect(machineSettings()).toEqual([settings]);
  expect(existsSync(join(program(), "Deskreel.exe"))).toBe(true);
  expect(existsSync(join(program(), "resources/app.asar"))).toBe(true);
  expect(await readFile(join(program(), "autostart-task.xml"), "utf8")).toBe(autostartTask());
  // Wine takes a task over without its command and triggers: it shows that the task came, Windows alone would run it.
  const registered = await readFile(task(), "utf8");
  expect(registered).toContain("<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>");
  expect(registered).toContain("<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>");

  expect(installedVersion()).toBe("1.0.0");
  // Wine knows no hidden properties, and lists them all at the end; nowhere else does the token stand.
  const lines = (await readFile(log, "latin1")).split(/\r?\n/);
  expect(lines).toContain(`Property(S): SERVERURL = ${SERVER}`);
  expect(lines.filter((line) => line.includes(TOKEN))).toEqual([`Property(S): ENROLLTOKEN = ${TOKEN}`]);

  await rm(join(program(), "Deskreel.exe"));
  await rm(task());
  expect(install(older, "REINSTALL=ALL", "REINSTALLMODE=amus")).toBe(0);
  expect(existsSync(join(program(), "Deskreel.exe"))).toBe(true);
  expect(existsSync(task())).toBe(true);
  expect(machineSettings()).toEqual([settings]);

  expect(install(newer)).toBe(0);
  expect(installedVersion()).toBe("1.1.0");
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

/** Starts the installed stand-in with a script of cmd.exe, and returns when it runs. */
async function startApp(script: string) {
  const disk = join(folder, "wine/drive_c");
  await writeFile(
    join(disk, "app.cmd"),
    `@echo off\r\necho x>C:\\started\r\n${script.replaceAll("\n", "\r\n")}\r\n`,
  );
  const args = ["C:\\Program Files\\Deskreel\\Deskreel.exe", "/c", "C:\\app.cmd"];
  const app = spawn("wine", args, { env: wineEnvironment(), stdio: "ignore" });
  const ended = once(app, "close");
  await expect.poll(() => existsSync(join(disk, "started")), { timeout: 60_000 }).toBe(true);
  await rm(join(disk, "started"));
  return {
    ended,
    /** What it wrote into a file. */
    said: async (name: string) => (await readFile(join(disk, name), "latin1")).trim(),
  };
}

/** It has a recording to finish when it is asked to leave, and tells which version there was when it had. */
const POLITE = `:wait
if exist "C:\\Program Files\\Deskreel\\resources\\leave-request" goto asked
ping -n 2 127.0.0.1 >nul
goto wait
:asked
type "C:\\Program Files\\Deskreel\\resources\\leave-request">C:\\request
ping -n 4 127.0.0.1 >nul
type "C:\\Program Files\\Deskreel\\resources\\app.asar">C:\\left`;
const HUNG = `:wait
ping -n 2 127.0.0.1 >nul
goto wait`;

test("upgrade and removal ask the running app to leave and wait until it has, and a hung one is ended", async () => {
  beWindows("win10");
  const installed = () => readFile(join(program(), "resources/app.asar"), "utf8");
  expect(install(older, `SERVERURL=${SERVER}`)).toBe(0);
  const polite = await startApp(POLITE);
  expect(install(newer)).toBe(0);
  await polite.ended;
  expect([await polite.said("request"), await polite.said("left"), await installed()]).toEqual([
    "update",
    "1.0.0",
    "1.1.0",
  ]);

  const hung = await startApp(HUNG);
  expect(install(newest)).toBe(0);
  await hung.ended;
  expect([await installed(), existsSync(join(program(), "resources/leave-request"))]).toEqual([
    "1.2.0",
    false,
  ]);

  const last = await startApp(POLITE);
  expect(wine("msiexec", "/x", newest, "/qn").status).toBe(0);
  await last.ended;
  expect([await last.said("request"), await last.said("left")]).toEqual(["removal", "1.2.0"]);
  expect(existsSync(program())).toBe(false);
});

test("no installer restarts the computer, and apps have longer to leave than they take", async () => {
  const properties = await runCommand("msiinfo", ["export", older, "Property"]);
  expect(properties).toContain("REBOOT\tReallySuppress");
  expect(properties).toContain("MSIRESTARTMANAGERCONTROL\tDisable");
  const programs = await runCommand("msiinfo", ["export", older, "CustomAction"]);
  const [, rounds = ""] = /^AskToLeave\t.*\(1,1,(\d+)\).* -n 3 /m.exec(programs) ?? [];
  expect(Number(rounds) * 2_000).toBeGreaterThan(WAITS_FOR_RECORDING_MS);
});
