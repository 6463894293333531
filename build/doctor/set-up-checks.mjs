// @ts-check
// Whether the parts that set-up brings are on this machine. Runs on Node 20 and needs nothing installed.
import { access, constants } from "node:fs/promises";
import { release } from "node:os";
import path from "node:path";
import { runCommand } from "../setup/command.mjs";
import { Report } from "../setup/report.mjs";
import { PLATFORM } from "../setup/step.mjs";
import { DEBIAN_PACKAGES, findMissing, chooseNames } from "../setup/steps/debian-packages.mjs";
import { electron } from "../setup/steps/electron.mjs";
import { mediasoupWorker } from "../setup/steps/mediasoup-worker.mjs";
import { findNode24 } from "../setup/steps/node24.mjs";
import { npmPackages } from "../setup/steps/npm-packages.mjs";

/** @typedef {import("./findings.mjs").Finding} Finding */

const GROUP = "Set-up";
/** Older ones have not been tried. */
const OLDEST_FFMPEG = 5;

/**
 * @param {string} root the clone
 * @param {import("../setup/cache.mjs").Cache} cache
 * @returns {Promise<boolean>} whether programs of the project can be run
 */
export async function isPackagesThere(root, cache) {
  return (await attempt(() => npmPackages.check(contextOf(root, cache, process.execPath)))) !== undefined;
}

/**
 * @param {string} root the clone
 * @param {import("../setup/cache.mjs").Cache} cache
 * @returns {AsyncGenerator<Finding>}
 */
export async function* checkSetUp(root, cache) {
  yield platform();
  const node = await findNode24({ cache });
  yield node === undefined
    ? fail("Node.js", `${process.versions.node}; 24 runs Deskreel`, "any command brings it: npm run recorder")
    : ok("Node.js", await versionOf(node));
  const context = contextOf(root, cache, node ?? process.execPath);
  const packages = await attempt(() => npmPackages.check(context));
  yield packages === undefined
    ? fail("npm packages", "missing, or not those of package-lock.json", "npm run recorder brings them")
    : ok("npm packages", "as package-lock.json says");
  if (packages !== undefined) {
    const worker = await attempt(() => mediasoupWorker.check(context));
    const file = worker?.["MEDIASOUP_WORKER_BIN"] ?? process.env["MEDIASOUP_WORKER_BIN"];
    yield worker === undefined
      ? fail(
          "mediasoup worker",
          "not there: the recorder cannot take media",
          "npm run recorder brings it; where it has to be built that takes 2 to 7 minutes, once",
        )
      : ok("mediasoup worker", file === undefined ? "mediasoup's own build" : inCache(file));
  }
  yield await ffmpeg();
  if (process.platform === "linux") {
    yield await debian(
      "screen",
      "desktop libraries",
      "Xvfb and Electron's libraries",
      "npm run desktop, npm start",
    );
    yield await debian("session", "desktop session", "a session bus and notifications", "npm test");
    yield await debian("browser", "Chromium", "chromium", "npm test");
    yield await debian("speech", "speech", "espeak-ng", "npm start, npm run dynamics");
    yield await fonts();
  }
  if (packages !== undefined) {
    const there = await attempt(() => electron.check(context));
    const override = there?.["ELECTRON_OVERRIDE_DIST_PATH"] ?? process.env["ELECTRON_OVERRIDE_DIST_PATH"];
    if (there === undefined)
      yield warn("Electron", "not there", "npm run desktop or npm start brings it; a recorder needs none");
    else if (override === undefined) yield ok("Electron", "as package.json says");
    else yield ok("Electron", `for development and tests only, ${inCache(override)}`);
  }
}

/** @returns {Finding} */
function platform() {
  const found = `${PLATFORM}, kernel ${release()}`;
  if (PLATFORM === "linux-x64") return ok("system", found);
  return warn(
    "system",
    found,
    "recorder and adapter are made for linux-x64; here only the desktop is expected to run",
  );
}

/** @returns {Promise<Finding>} */
async function ffmpeg() {
  const said = await attempt(() => runCommand("ffmpeg", ["-version"], { limitMs: 10_000 }));
  if (said === undefined)
    return fail("ffmpeg", "not there: the adapter cannot stitch", await installStep(["ffmpeg"]));
  const version = /^ffmpeg version (\S+)/.exec(said)?.[1] ?? "unknown";
  // Builds from git are named n5.1 or by their date.
  const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  return major < OLDEST_FFMPEG
    ? fail("ffmpeg", `${version}; ${OLDEST_FFMPEG} or newer is needed`, "install a newer ffmpeg")
    : ok("ffmpeg", version);
}

/**
 * @param {keyof typeof DEBIAN_PACKAGES} group
 * @param {string} name
 * @param {string} what
 * @param {string} needs the commands that need it
 * @returns {Promise<Finding>}
 */
async function debian(group, name, what, needs) {
  const missing = await findMissing(DEBIAN_PACKAGES[group]);
  if (missing.length === 0) return ok(name, what);
  const names = missing.map((alternatives) => alternatives.split("|").at(-1)).join(" ");
  return warn(name, `missing: ${names} (needed by ${needs})`, await installStep(missing));
}

/** @returns {Promise<Finding>} */
async function fonts() {
  const listed = await attempt(() => runCommand("fc-list", [":", "family"], { limitMs: 10_000 }));
  const families = new Set(listed?.split("\n").filter(Boolean));
  if (listed === undefined)
    return warn(
      "fonts",
      "fontconfig is not there: a headless screen shows no text",
      await installStep(["fontconfig"]),
    );
  if (families.size > 0) return ok("fonts", `${families.size} families`);
  return warn("fonts", "none: a headless screen shows no text", await installStep(["fonts-dejavu-core"]));
}

/**
 * @param {readonly string[]} names
 * @returns {Promise<string>}
 */
async function installStep(names) {
  const policy = await attempt(() =>
    runCommand("apt-cache", ["policy", ...names.flatMap((name) => name.split("|"))]),
  );
  const chosen = policy === undefined ? names : chooseNames(names, policy);
  const packages = chosen.map((name) => name.split("|").at(-1)).join(" ");
  if (policy === undefined) return `install ${packages} (Debian's names) with this system's package manager`;
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  return `${sudo}apt-get install -y --no-install-recommends ${packages}`;
}

/**
 * @param {string} node
 * @returns {Promise<string>}
 */
async function versionOf(node) {
  if (node === process.execPath) return process.versions.node;
  await access(node, constants.X_OK);
  return `${path.basename(path.dirname(node))} at ${node}`;
}

/**
 * @param {string} file one that set-up has in its cache, or that the environment names
 * @returns {string} words that fit a line
 */
function inCache(file) {
  const entry = file.split(path.sep).find((part) => /^\d+\.\d+\.\d+-/.test(part));
  return entry === undefined ? file : `${entry} of the set-up cache`;
}

/**
 * @param {string} root
 * @param {import("../setup/cache.mjs").Cache} cache
 * @param {string} node
 */
function contextOf(root, cache, node) {
  return { root, cache, report: new Report(), node };
}

/**
 * @template T
 * @param {() => Promise<T>} look
 * @returns {Promise<T | undefined>} undefined when it cannot be told
 */
function attempt(look) {
  return Promise.resolve()
    .then(look)
    .catch(() => undefined);
}

/** @param {string} name @param {string} found @returns {Finding} */
function ok(name, found) {
  return { group: GROUP, name, state: "ok", found };
}

/** @param {string} name @param {string} found @param {string} mend @returns {Finding} */
function warn(name, found, mend) {
  return { group: GROUP, name, state: "warn", found, mend };
}

/** @param {string} name @param {string} found @param {string} mend @returns {Finding} */
function fail(name, found, mend) {
  return { group: GROUP, name, state: "fail", found, mend };
}
