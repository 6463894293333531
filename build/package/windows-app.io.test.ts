import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRawHeader, listPackage } from "@electron/asar";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bundleDesktop } from "../bundle-desktop.ts";
import { REPOSITORY } from "../repository.ts";
import { Cache } from "../setup/cache.mjs";
import { chooseWindowsElectron } from "./electron-choice.ts";
import { FUSES, readFuses } from "./fuses.ts";
import { configuredSigner, signPrograms } from "./sign.ts";
import { makeStandInElectron } from "./testing/stand-in-electron.ts";
import { packApp, type UnpackedApp } from "./unpacked-app.ts";

let folder: string;
let app: UnpackedApp;

/** Real electron-builder, fuses and asar; only what is inside of electron.exe is a stand-in. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-windows-test-"));
  await makeStandInElectron(join(folder, "electron"));
  const environment = { DESKREEL_WINDOWS_ELECTRON: join(folder, "electron") };
  const electron = await chooseWindowsElectron(new Cache(join(folder, "cache")), environment);
  app = await packApp("windows", electron, join(folder, "out"));
});
afterAll(() => rm(folder, { recursive: true }));

test("the app for Windows is Electron, the bundle of every system in an asar, and nothing else", async () => {
  const entries = await readdir(app.folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(app.folder.length + 1));
  expect(files.toSorted()).toEqual([
    "Deskreel.exe",
    "LICENSE.electron.txt",
    "LICENSE.txt",
    "LICENSES.chromium.html",
    "THIRD-PARTY-LICENSES.txt",
    "ffmpeg.dll",
    "locales/de.pak",
    "locales/en-US.pak",
    "resources/app.asar",
    "version",
  ]);
  const { files: bundled } = await bundleDesktop(join(folder, "bundle"));
  const packed = listPackage(join(app.folder, "resources/app.asar"), { isPack: false });
  expect(packed.filter((path) => path !== "/icons").toSorted()).toEqual(
    bundled.map((path) => `/${path}`).toSorted(),
  );
  const licenses = await readFile(join(app.folder, "THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["ws", "mediasoup-client", "pino", "zod"])
    expect(licenses).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|ISC)\\)$`, "m"));
  expect(licenses).toContain("Permission is hereby granted, free of charge");
  expect([app.electron.forTestsOnly, app.version]).toEqual([true, expect.stringMatching(/-for-tests-only$/)]);
});

test("its program has every fuse set, the archive's digest, our icon and our name", async () => {
  expect(await readFuses(app.executable)).toEqual(FUSES);
  const program = await readFile(app.executable);
  const { headerString } = getRawHeader(join(app.folder, "resources/app.asar"));
  const digest = createHash("sha256").update(headerString).digest("hex");
  // Where Electron looks for it.
  expect(program.includes(Buffer.from("ELECTRONASAR", "utf16le"))).toBe(true);
  expect(program.includes(`{"file":"resources\\\\app.asar","alg":"SHA256","value":"${digest}"}`)).toBe(true);
  for (const side of [16, 256])
    expect(program.includes(await readFile(join(REPOSITORY, `apps/desktop/icons/app-${side}.png`)))).toBe(
      true,
    );
  const texts = program.toString("utf16le");
  const shifted = program.subarray(1).toString("utf16le");
  for (const [name, value] of [
    ["ProductName", "Deskreel"],
    ["FileDescription", "Deskreel"],
    ["CompanyName", "Deskreel"],
    ["FileVersion", app.version],
  ]) {
    const wanted = new RegExp(`${name}\0+${value}\0`);
    expect(wanted.test(texts) || wanted.test(shifted), name).toBe(true);
  }
});

test("programs and libraries are signed by the command that is named, after all else, and by none without it", async () => {
  expect(configuredSigner({})).toBeNull();
  const place = join(folder, "with a space");
  await mkdir(place);
  for (const name of ["b.exe", "a.DLL", "c.pak"]) await writeFile(join(place, name), name);
  const script = join(folder, "sign.sh");
  await writeFile(script, '#!/bin/sh\nprintf " signed by $1" >> "$2"\n');
  await chmod(script, 0o755);
  const sign = configuredSigner({ ...process.env, DESKREEL_SIGN_COMMAND: `${script} us` });
  if (sign === null) throw new Error("a command is named");
  await signPrograms(place, sign);
  const texts = await Promise.all(
    ["a.DLL", "b.exe", "c.pak"].map((name) => readFile(join(place, name), "utf8")),
  );
  expect(texts).toEqual(["a.DLL signed by us", "b.exe signed by us", "c.pak"]);
  const failing = configuredSigner({ ...process.env, DESKREEL_SIGN_COMMAND: "false" });
  await expect(failing?.(join(place, "c.pak"))).rejects.toThrow("ended with 1");
});

test("where Electron for Windows cannot be had one line says so, what to do, and the failure is remembered", async () => {
  const cache = new Cache(join(folder, "cache"));
  const none = (environment: NodeJS.ProcessEnv) => chooseWindowsElectron(cache, environment);
  await expect(none({ DESKREEL_WINDOWS_ELECTRON: "/nowhere" })).rejects.toThrow(
    /^DESKREEL_WINDOWS_ELECTRON=\/nowhere is no unpacked electron-v…-win32-x64\.zip \(ENOENT.*\)$/,
  );
  const unanswered =
    /^electron-v[\d.]+-win32-x64\.zip cannot be downloaded here \(127\.0\.0\.1:1 does not answer .*\): unpack it .* by DESKREEL_WINDOWS_ELECTRON$/;
  await expect(none({ ELECTRON_MIRROR: "http://127.0.0.1:1/" })).rejects.toThrow(unanswered);
  // Another place, which is not asked.
  await expect(none({ ELECTRON_MIRROR: "http://127.0.0.1:2/" })).rejects.toThrow(unanswered);
});

test("what was downloaded once needs no network, and is held against the digest that npm's electron has", async () => {
  const cache = new Cache(join(folder, "full-cache"));
  const { devDependencies } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
    devDependencies: { electron: string };
  };
  const version = devDependencies.electron;
  const zip = `electron-v${version}-win32-x64.zip`;
  await mkdir(join(cache.root, "electron-download/some-digest"), { recursive: true });
  await writeFile(join(cache.root, "electron-download/some-digest", zip), "");
  const electron = await chooseWindowsElectron(cache, { ELECTRON_MIRROR: "http://127.0.0.1:1/" });
  const downloads = join(cache.root, "electron-download");
  expect(electron).toEqual({ place: { downloads }, version, forTestsOnly: false });
  const sums = await readFile(join(downloads, `SHASUMS256.txt-${version}`), "utf8");
  expect(sums.split("\n").filter((line) => line.endsWith(` *${zip}`))).toEqual([
    expect.stringMatching(/^[0-9a-f]{64} /),
  ]);
});

test("electron-builder downloads it, and refuses another than the one that npm's electron knows", async () => {
  const asked: string[] = [];
  const mirror = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end("not Electron");
  });
  await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/`;
  try {
    vi.stubEnv("ELECTRON_MIRROR", address);
    const electron = await chooseWindowsElectron(new Cache(join(folder, "empty-cache")));
    const refused =
      /Generated checksum for "electron-v[\d.]+-win32-x64\.zip" did not match expected checksum/;
    await expect(packApp("windows", electron, join(folder, "refused"))).rejects.toThrow(refused);
    const { version } = electron;
    expect(asked).toEqual(["HEAD /", `GET /v${version}/electron-v${version}-win32-x64.zip`]);
  } finally {
    vi.unstubAllEnvs();
    await new Promise((resolve) => mirror.close(resolve));
  }
});
