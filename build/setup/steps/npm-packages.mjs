// @ts-check
import { existsSync } from "node:fs";
import { cp, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { digest } from "../cache.mjs";
import { runCommand } from "../command.mjs";
import { runNpm } from "../npm.mjs";
import { SetupError } from "../setup-error.mjs";
import { PLATFORM } from "../step.mjs";

/**
 * What npm notes of a package, in package-lock.json and in node_modules.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/** Written by tools into node_modules; not a part of what npm installed. */
const NOT_FROM_NPM = [".cache", ".vite", ".vite-temp", ".vitest"];

/** Whatever NODE_ENV and the owner's settings leave out elsewhere. */
const WITH_EVERYTHING = ["--include=dev", "--include=optional", "--no-audit", "--no-fund"];

/**
 * Compares what npm says it installed with the lock. Optional packages may be missing (other platforms), and may be
 * there without being locked: a lock made on a registry that does not carry every platform's binaries has none of
 * them.
 *
 * @param {Lock} lock package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json
 * @returns {string[]} a line per difference
 */
export function findDrift(lock, installed) {
  const drift = [];
  for (const [folder, wanted] of Object.entries(lock.packages)) {
    if (folder === "") continue;
    const found = installed.packages[folder];
    if (!found) {
      if (!wanted.optional) drift.push(`${folder}: ${wanted.version} is missing`);
    } else if (found.version !== wanted.version) {
      drift.push(`${folder}: ${found.version} is there, ${wanted.version} is locked`);
    } else if (wanted.integrity && found.integrity && found.integrity !== wanted.integrity) {
      drift.push(`${folder}: ${found.version} is there with another content than the one locked`);
    }
  }
  for (const [folder, found] of Object.entries(installed.packages)) {
    if (!(folder in lock.packages) && !found.optional) {
      drift.push(`${folder}: ${found.version} is there, but not locked`);
    }
  }
  return drift;
}

/** @type {import("../step.mjs").Step} */
export const npmPackages = {
  name: "npm packages",

  async check({ root }) {
    const [lock, installed] = await Promise.all([readLock(root), readInstalled(root)]);
    if (!installed || findDrift(lock, installed).length > 0) return undefined;
    // npm's notes stay when a folder is removed by hand.
    const folders = Object.keys(installed.packages);
    return folders.every((folder) => existsSync(path.join(root, folder, "package.json"))) ? {} : undefined;
  },

  async install({ root, cache, report, node }) {
    const nodeModules = path.join(root, "node_modules");
    const key = `${PLATFORM}-${digest(await readFile(path.join(root, "package-lock.json")))}`;
    const kept = cache.entry("node-modules", key);
    if (existsSync(kept)) {
      const task = report.task("npm packages from the cache");
      await cache.touch("node-modules", key);
      // Copied beside node_modules first: killed half-way, nothing looks installed.
      const draft = path.join(root, "node_modules.draft");
      await rm(draft, { recursive: true, force: true });
      await copyTree(kept, draft);
      await rm(nodeModules, { recursive: true, force: true });
      await rename(draft, nodeModules);
      task.done();
      return {};
    }
    const task = report.task("npm packages from the registry");
    try {
      // Not `npm ci`: it refuses a lock without the binaries for other platforms, which a registry that does not carry
      // them all can only produce. findDrift() gives its promise: what is installed is what is locked.
      await runNpm(["install", "--no-save", "--ignore-scripts", ...WITH_EVERYTHING, "--prefer-offline"], {
        cwd: root,
        node,
      });
    } catch (error) {
      task.failed();
      throw error;
    }
    const installed = await readInstalled(root);
    const drift = installed
      ? findDrift(await readLock(root), installed)
      : ["node_modules/.package-lock.json is missing"];
    if (drift.length > 0) {
      task.failed();
      throw new SetupError(
        `npm installed something else than package-lock.json says:\n  ${drift.slice(0, 10).join("\n  ")}`,
        "Make package-lock.json agree with package.json (npm install --ignore-scripts), then run the command again.",
      );
    }
    task.update("keeping a copy for the next clone");
    await cache.publish("node-modules", key, async (folder) => {
      await copyTree(nodeModules, folder);
      await Promise.all(
        NOT_FROM_NPM.map((name) => rm(path.join(folder, name), { recursive: true, force: true })),
      );
    });
    task.done();
    return {};
  },
};

/**
 * @param {string} from
 * @param {string} to
 */
async function copyTree(from, to) {
  if (process.platform === "win32") await cp(from, to, { recursive: true, verbatimSymlinks: true });
  // Half the time that Node's own copy takes, and no room on a disk that can share blocks.
  else await runCommand("cp", ["-a", `${from}/.`, to]);
}

/**
 * @param {string} root
 * @returns {Promise<Lock>}
 */
async function readLock(root) {
  const file = path.join(root, "package-lock.json");
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new SetupError(`${file} cannot be read`, "Restore it (git checkout package-lock.json).", { cause });
  }
}

/**
 * @param {string} root
 * @returns {Promise<Lock | undefined>} undefined also when it is not whole: npm writes it last
 */
async function readInstalled(root) {
  try {
    return JSON.parse(await readFile(path.join(root, "node_modules", ".package-lock.json"), "utf8"));
  } catch {
    return undefined;
  }
}
