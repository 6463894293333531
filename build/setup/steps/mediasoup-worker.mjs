// @ts-check
import { spawn } from "node:child_process";
import { access, copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import { buildWorker, recipeDigest, WORKER_LIBRARIES } from "../../mediasoup-worker/build-worker.mjs";
import { runCommand } from "../command.mjs";
import { reach } from "../reach.mjs";
import { reasonOf, SetupError } from "../setup-error.mjs";
import { PLATFORM } from "../step.mjs";
import { debianPackages, installedVersions } from "./debian-packages.mjs";
import { digest } from "../cache.mjs";

const KIND = "mediasoup-worker";
const BINARY = "mediasoup-worker";
const DOWNLOAD_LIMIT_MS = 5 * 60 * 1_000;
/** How the worker ends when it is started without MEDIASOUP_VERSION: it runs on this machine. */
const EXIT_CODE_WITHOUT_VERSION = 41;

/**
 * mediasoup's worker: the one that mediasoup's makers built, or else one built here.
 * @type {import("../step.mjs").Step}
 */
export const mediasoupWorker = {
  name: "mediasoup's worker",

  async check({ root, cache }) {
    if (process.env["MEDIASOUP_WORKER_BIN"]) return {};
    const { version } = await readPackage(root);
    if (await exists(path.join(ownRelease(root), BINARY))) return {};
    const keys = await cache.keys(KIND);
    const key = chooseWorker(keys, {
      version,
      recipe: await recipeDigest(),
      libraries: await installedVersions(WORKER_LIBRARIES),
    });
    if (key === undefined) return undefined;
    const binary = path.join(cache.entry(KIND, key), BINARY);
    return (await exists(binary)) ? { MEDIASOUP_WORKER_BIN: binary } : undefined;
  },

  async install(context) {
    const { cache, report, root } = context;
    const { version } = await readPackage(root);
    const failure = `${KIND}-${version}`;
    let reason = await cache.recentFailure(failure);
    if (reason === undefined) {
      const task = report.task(`mediasoup's worker ${version}, prebuilt`);
      try {
        await download(context);
        const folder = await cache.publish(KIND, prebuiltKey(version), (draft) =>
          copyFile(path.join(ownRelease(root), BINARY), path.join(draft, BINARY)),
        );
        task.done();
        return { MEDIASOUP_WORKER_BIN: path.join(folder, BINARY) };
      } catch (error) {
        task.failed();
        reason = reasonOf(error);
        await cache.rememberFailure(failure, reason);
      }
    }
    report.say(`mediasoup's worker could not be downloaded: ${reason}`);
    return { MEDIASOUP_WORKER_BIN: await build(context, version) };
  },
};

/**
 * Which of the cached workers fits this machine: one that was downloaded, or one built from this version by this
 * recipe with the libraries that are installed. Where they are not installed (any more), any built one will do: they
 * are linked in.
 *
 * @param {readonly string[]} keys the one used last first
 * @param {{ version: string, recipe: string, libraries: Record<string, string> }} wanted
 * @returns {string | undefined}
 */
export function chooseWorker(keys, { version, recipe, libraries }) {
  if (keys.includes(prebuiltKey(version))) return prebuiltKey(version);
  const exact = builtKey(version, recipe, libraries);
  if (keys.includes(exact)) return exact;
  const complete = WORKER_LIBRARIES.every((name) => name in libraries);
  return complete ? undefined : keys.find((key) => key.startsWith(`${version}-${PLATFORM}-${recipe}-`));
}

/**
 * @param {string} version
 * @param {string} recipe
 * @param {Record<string, string>} libraries version by name
 * @returns {string}
 */
export function builtKey(version, recipe, libraries) {
  const sorted = WORKER_LIBRARIES.map((name) => `${name} ${libraries[name] ?? "none"}`);
  return `${version}-${PLATFORM}-${recipe}-${digest(...sorted)}`;
}

/**
 * @param {string} version
 * @returns {string}
 */
function prebuiltKey(version) {
  return `${version}-${PLATFORM}-prebuilt`;
}

/** @param {import("../step.mjs").Context} context */
async function download({ root, node }) {
  const { repository } = await readPackage(root);
  await reach(
    process.env["MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL"] ?? repository.url.replace(/^git\+/, ""),
  );
  const folder = path.join(root, "node_modules", "mediasoup");
  await runCommand(node, ["npm-scripts.mjs", "postinstall"], {
    cwd: folder,
    // Where there is no prebuilt one mediasoup goes on to build with pip: a Python that fails at once ends it there.
    env: { ...process.env, PYTHON: "false", MEDIASOUP_FORCE_WORKER_PREBUILT_DOWNLOAD: "1" },
    limitMs: DOWNLOAD_LIMIT_MS,
  });
}

/**
 * @param {import("../step.mjs").Context} context
 * @param {string} version
 * @returns {Promise<string>} the binary
 */
async function build(context, version) {
  const { root, cache, report } = context;
  if (PLATFORM !== "linux-x64") {
    throw new SetupError(
      `mediasoup's worker can be built here on linux-x64 only, this is ${PLATFORM}`,
      "Set MEDIASOUP_WORKER_BIN to a worker of this version, then run the command again.",
    );
  }
  await debianPackages(["worker"]).install(context);
  const key = builtKey(version, await recipeDigest(), await installedVersions(WORKER_LIBRARIES));
  const task = report.task(`mediasoup's worker ${version}, built from source (2 to 7 minutes, once)`);
  try {
    const folder = await cache.publish(KIND, key, (draft) =>
      cache.inScratch(async (scratch) => {
        const source = path.join(root, "node_modules", "mediasoup", "worker");
        const binary = path.join(draft, BINARY);
        await buildWorker({ source, scratch, binary, onProgress: task.update });
        await checkItRuns(binary);
      }),
    );
    task.done();
    return path.join(folder, BINARY);
  } catch (cause) {
    task.failed();
    if (cause instanceof SetupError) throw cause;
    throw new SetupError(
      `mediasoup's worker could not be built: ${reasonOf(cause)}`,
      "Where mediasoup's download is open, remove failures/ in the cache folder and run the command again; or set\n" +
        "MEDIASOUP_WORKER_BIN to a worker of this version.",
      { cause },
    );
  }
}

/** @param {string} binary */
async function checkItRuns(binary) {
  const code = await new Promise((resolve, reject) => {
    spawn(binary, { env: {}, stdio: "ignore" }).once("error", reject).once("close", resolve);
  });
  if (code !== EXIT_CODE_WITHOUT_VERSION) {
    throw new Error(`the built worker does not run on this machine: it ended with ${code}`);
  }
}

/**
 * @param {string} root
 * @returns {string} where mediasoup looks for its worker by itself
 */
function ownRelease(root) {
  return path.join(root, "node_modules", "mediasoup", "worker", "out", "Release");
}

/**
 * @param {string} root
 * @returns {Promise<{ version: string, repository: { url: string } }>}
 */
async function readPackage(root) {
  return JSON.parse(await readFile(path.join(root, "node_modules", "mediasoup", "package.json"), "utf8"));
}

/**
 * @param {string} file
 * @returns {Promise<boolean>}
 */
function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
