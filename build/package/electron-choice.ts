import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { REPOSITORY } from "../repository.ts";
import type { Cache } from "../setup/cache.mjs";
import { reach } from "../setup/reach.mjs";
import { reasonOf } from "../setup/setup-error.mjs";

/** The Electron that goes into a package. */
export interface ElectronChoice {
  /** Where it is: its unpacked folder, or where electron-builder keeps what it downloads. */
  place: { folder: string } | { downloads: string };
  version: string;
  /** It is not the one that package.json names, so the package is good for tests and nothing else. */
  forTestsOnly: boolean;
}

/** No Electron for Windows can be had here; the message says why, and what to do. */
export class NoWindowsElectron extends Error {}

/**
 * The Electron of this machine that set-up brought: the one of package.json, or where that cannot be had another one,
 * which `ELECTRON_OVERRIDE_DIST_PATH` names.
 *
 * @throws when there is none.
 */
export async function chooseElectron(): Promise<ElectronChoice> {
  // npm's electron exports the path of its binary.
  const binary: unknown = createRequire(import.meta.url)("electron");
  if (typeof binary !== "string") throw new Error("npm's electron does not export the path of its binary");
  return unpackedElectron(dirname(binary));
}

/**
 * The Electron for Windows: the folder that `DESKREEL_WINDOWS_ELECTRON` names, on Windows the one that set-up brought,
 * elsewhere electron-builder's own download, if its place answers. A failure is remembered for a day.
 *
 * @throws NoWindowsElectron
 */
export async function chooseWindowsElectron(
  cache: Cache,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ElectronChoice> {
  const named = environment["DESKREEL_WINDOWS_ELECTRON"];
  if (named) {
    try {
      return await unpackedElectron(resolve(named), "electron.exe");
    } catch (cause) {
      throw new NoWindowsElectron(
        `DESKREEL_WINDOWS_ELECTRON=${named} is no unpacked electron-v…-win32-x64.zip (${reasonOf(cause)})`,
        { cause },
      );
    }
  }
  if (process.platform === "win32") return chooseElectron();
  return downloadableElectron(cache, environment["ELECTRON_MIRROR"]);
}

/** @param program - a file that has to be there. */
async function unpackedElectron(folder: string, program?: string): Promise<ElectronChoice> {
  const names = await readdir(folder);
  if (program !== undefined && !names.includes(program)) throw new Error(`there is no ${program}`);
  const version = (await readFile(join(folder, "version"), "utf8")).trim().replace(/^v/, "");
  return { place: { folder }, version, forTestsOnly: version !== (await productElectron()).version };
}

async function downloadableElectron(cache: Cache, mirror: string | undefined): Promise<ElectronChoice> {
  const { version, repository } = await productElectron();
  const downloads = join(cache.root, "electron-download");
  const zip = `electron-v${version}-win32-x64.zip`;
  const there = await readdir(downloads, { recursive: true }).catch(() => []);
  if (!there.some((path) => basename(path) === zip)) {
    const failure = `electron-${version}-win32-x64`;
    let reason = await cache.recentFailure(failure);
    if (reason === undefined) {
      try {
        await reach(mirror ?? repository);
      } catch (error) {
        reason = reasonOf(error);
        await cache.rememberFailure(failure, reason);
      }
    }
    if (reason !== undefined) {
      throw new NoWindowsElectron(
        `${zip} cannot be downloaded here (${reason}): unpack it from another machine and name its folder by DESKREEL_WINDOWS_ELECTRON`,
      );
    }
  }
  await pinChecksums(downloads, version);
  return { place: { downloads }, version, forTestsOnly: false };
}

/** What electron-builder checks its download by: npm's electron has it, whose own content the lock pins. */
async function pinChecksums(downloads: string, version: string): Promise<void> {
  const sums = createRequire(import.meta.url)("electron/checksums.json") as Record<string, string>;
  const lines = Object.entries(sums).map(([name, sum]) => `${sum} *${name}\n`);
  await mkdir(downloads, { recursive: true });
  await writeFile(join(downloads, `SHASUMS256.txt-${version}`), lines.join(""));
}

/** The one that package.json names, exactly. */
async function productElectron(): Promise<{ version: string; repository: string }> {
  const { devDependencies } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
    devDependencies: { electron: string };
  };
  const { repository } = createRequire(import.meta.url)("electron/package.json") as { repository: string };
  return { version: devDependencies.electron, repository };
}
