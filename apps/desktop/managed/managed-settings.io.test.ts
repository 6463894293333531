import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import {
  readManagedSettings,
  readTextIfThere,
  type SystemSettings,
  THIS_SYSTEM,
} from "./managed-settings.ts";

let root: string;
let userFile: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "deskreel-managed-"));
  await mkdir(join(root, "etc/deskreel"), { recursive: true });
  userFile = join(root, "deskreel.yaml");
});
afterEach(() => rm(root, { recursive: true }));

/** A Linux whose files lie below the test's folder. */
const linux = (): SystemSettings => ({
  ...THIS_SYSTEM,
  platform: "linux",
  readText: (path) => readTextIfThere(join(root, path)),
});

const write = (path: string, text: string) => writeFile(join(root, path), text);
const desktopOf = (environment: NodeJS.ProcessEnv = {}) =>
  loadConfig(userFile, environment, root, readManagedSettings(linux())).desktop;

test("policy wins over the machine's settings, these over environment and the user's file", async () => {
  await write("etc/deskreel/policy.json", JSON.stringify({ serverUrl: "wss://policy.example/v1/agent" }));
  await write("etc/deskreel/desktop.yaml", "serverUrl: wss://machine.example/\nenrollmentToken: machine's\n");
  await writeFile(
    userFile,
    "desktop: { serverUrl: 'ws://127.0.0.1/', enrollmentToken: mine, device: PC-1, noticeUrl: 'https://user.example/' }",
  );
  const environment = {
    DESKREEL_DESKTOP__ENROLLMENT_TOKEN: "environment's",
    DESKREEL_DESKTOP__DEVICE: "PC-2",
  };
  expect(desktopOf(environment)).toMatchObject({
    serverUrl: "wss://policy.example/v1/agent",
    enrollmentToken: "machine's",
    device: "PC-2",
    noticeUrl: "https://user.example/",
    agent: null,
  });
});

test("without any of them the user's file holds alone", async () => {
  await writeFile(userFile, "desktop: { device: PC-1 }");
  expect(readManagedSettings(linux())).toEqual([]);
  expect(desktopOf().device).toBe("PC-1");
});

test("what is wrong in a policy is named with its place, and a secret is not shown", async () => {
  await write(
    "etc/deskreel/policy.json",
    JSON.stringify({ serverUrl: "http://x/", servreUrl: "wss://x/", enrollmentToken: 5 }),
  );
  await writeFile(userFile, "desktop: { device: '' }");
  expect(() => desktopOf()).toThrow(
    [
      `${userFile} has 4 problem(s):`,
      '  desktop.serverUrl: found "http://x/"; must be a ws:// or wss:// URL (it comes from /etc/deskreel/policy.json)',
      "  desktop.enrollmentToken: found (hidden); Invalid input: expected string, received number (it comes from /etc/deskreel/policy.json)",
      '  desktop.device: found ""; Too small: expected string to have >=1 characters',
      '  desktop.servreUrl: found "wss://x/"; unknown key (it comes from /etc/deskreel/policy.json)',
    ].join("\n"),
  );
});

test.each([
  ["{ broken", "must be readable settings"],
  ["[1]", "it must be a map of settings"],
])("a policy that says %s keeps the app from starting", async (text, message) => {
  await write("etc/deskreel/policy.json", text);
  expect(() => readManagedSettings(linux())).toThrow(message);
  expect(() => readManagedSettings(linux())).toThrow("/etc/deskreel/policy.json has 1 problem(s)");
});

test("Windows' registry is asked by the system's own reg.exe, for both keys, in the 64-bit view", () => {
  const asked: string[] = [];
  const windows: SystemSettings = {
    platform: "win32",
    readText: () => null,
    run: (command, args) => {
      asked.push([command, ...args].join(" "));
      if (!args.includes("HKLM\\SOFTWARE\\Deskreel")) return null;
      return "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Deskreel\r\n    ServerUrl    REG_SZ    wss://x/\r\n    Autostart    REG_DWORD    0x1\r\n";
    },
  };
  expect(readManagedSettings(windows)).toEqual([
    { source: "HKLM\\SOFTWARE\\Deskreel", settings: { serverUrl: "wss://x/", autostart: true } },
  ]);
  expect(asked).toEqual([
    "C:\\Windows\\System32\\reg.exe query HKLM\\SOFTWARE\\Policies\\Deskreel /s /reg:64",
    "C:\\Windows\\System32\\reg.exe query HKLM\\SOFTWARE\\Deskreel /s /reg:64",
  ]);
});

test("macOS' managed preferences are read by plutil, without what the delivery left in them", () => {
  const macos: SystemSettings = {
    platform: "darwin",
    readText: (path) => (path.startsWith("/Library/Managed Preferences/") ? "bplist00" : null),
    run: (command, args) => {
      expect([command, ...args.slice(0, -1)]).toEqual(["/usr/bin/plutil", "-convert", "json", "-o", "-"]);
      return JSON.stringify({ serverUrl: "wss://x/", PayloadUUID: "1" });
    },
  };
  expect(readManagedSettings(macos)).toEqual([
    {
      source: "/Library/Managed Preferences/com.deskreel.desktop.plist",
      settings: { serverUrl: "wss://x/" },
    },
  ]);
});
