// @ts-check
import path from "node:path";
import { Cache } from "./cache.mjs";
import { withLock } from "./lock.mjs";
import { Report } from "./report.mjs";
import { debianPackages } from "./steps/debian-packages.mjs";
import { electron } from "./steps/electron.mjs";
import { mediasoupWorker } from "./steps/mediasoup-worker.mjs";
import { findNode24, installNode24 } from "./steps/node24.mjs";
import { npmPackages } from "./steps/npm-packages.mjs";

/**
 * Brings what a command needs on this machine. When everything is there nothing is said and nothing is written.
 *
 * @param {string} root the clone
 * @param {import("./needs.mjs").Needs} needs
 * @returns {Promise<{ node: string, env: Record<string, string> }>} the Node 24 to run the command with, and what to
 *   add to its environment
 * @throws {import("./setup-error.mjs").SetupError}
 */
export async function setUp(root, needs) {
  const cache = new Cache();
  const steps = stepsFor(needs);
  const node = await findNode24({ cache });
  const there = node && (await checkAll(steps, { root, cache, report: new Report(), node }));
  if (node && there) return { node, env: { ...compileCache(cache), ...there } };

  const report = new Report();
  const onWait = (/** @type {string} */ holder) =>
    report.say(`waiting for another set-up (process ${holder})`);
  return withLock(path.join(cache.root, "lock"), onWait, async () => {
    await cache.sweepScratch();
    const node = (await findNode24({ cache })) ?? (await installNode24({ cache, report }));
    const context = { root, cache, report, node };
    const env = compileCache(cache);
    for (const step of steps)
      Object.assign(env, (await step.check(context)) ?? (await step.install(context)));
    return { node, env };
  });
}

/**
 * Where Node keeps what it has compiled, types stripped: a program starts in half the time when it starts again.
 *
 * @param {Cache} cache
 * @returns {Record<string, string>}
 */
function compileCache(cache) {
  return process.env["NODE_COMPILE_CACHE"] ? {} : { NODE_COMPILE_CACHE: path.join(cache.root, "compiled") };
}

/**
 * @param {import("./needs.mjs").Needs} needs
 * @returns {import("./step.mjs").Step[]}
 */
function stepsFor({ packages, debian, worker, electron: withElectron }) {
  return [
    ...(packages ? [npmPackages] : []),
    ...(debian.length > 0 ? [debianPackages(debian)] : []),
    ...(worker ? [mediasoupWorker] : []),
    ...(withElectron ? [electron] : []),
  ];
}

/**
 * @param {readonly import("./step.mjs").Step[]} steps
 * @param {import("./step.mjs").Context} context
 * @returns {Promise<Record<string, string> | undefined>} undefined as soon as something is missing
 */
async function checkAll(steps, context) {
  /** @type {Record<string, string>} */
  const env = {};
  for (const step of steps) {
    const found = await step.check(context);
    if (!found) return undefined;
    Object.assign(env, found);
  }
  return env;
}
