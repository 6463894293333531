// @ts-check
// node build/setup/run.mjs SCRIPT.ts [args]      runs a script of this project with Node 24
// node build/setup/run.mjs --exec BIN [args]     runs a program of node_modules/.bin with Node 24
//
// Both bring first what the command needs on this machine. This file and what it imports run on Node 20 and need
// nothing installed.
import "./node20.mjs";
import { constants } from "node:os";
import path from "node:path";
import { realpath } from "node:fs/promises";
import { endRunningCommands } from "./command.mjs";
import { runInForeground } from "./foreground.mjs";
import { needsOf } from "./needs.mjs";
import { setUp } from "./setup.mjs";
import { SetupError } from "./setup-error.mjs";

const ROOT = path.resolve(import.meta.dirname, "..", "..");
const BIN = path.join(ROOT, "node_modules", ".bin");

/** @param {readonly string[]} argv */
async function run(argv) {
  const [first, ...rest] = argv;
  if (first === undefined || (first === "--exec" && rest[0] === undefined)) {
    throw new SetupError("no command was given", "node build/setup/run.mjs SCRIPT.ts|--exec BIN [args]");
  }
  const script = path.resolve(first);
  const { node, env: added } = await whileStoppable(() =>
    setUp(
      ROOT,
      needsOf(first === "--exec" ? argv : [path.relative(ROOT, script).replaceAll(path.sep, "/"), ...rest]),
    ),
  );
  const env = withFirstOnPath({ ...process.env, ...added }, path.dirname(node));
  if (first !== "--exec") return runInForeground(node, [script, ...rest], env);
  const [bin = "", ...args] = rest;
  if (process.platform === "win32") return runInForeground(path.join(BIN, `${bin}.cmd`), args, env);
  const file = await realpath(path.join(BIN, bin)).catch((cause) => {
    throw new SetupError(
      `there is no ${bin} in node_modules/.bin`,
      "Look at the names there: ls node_modules/.bin",
      { cause },
    );
  });
  return runInForeground(node, [file, ...args], env);
}

/**
 * Ends set-up's programs with set-up when a signal comes for it alone.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function whileStoppable(work) {
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    endRunningCommands(signal);
    process.exit(128 + constants.signals[signal]);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    return await work();
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv}
 */
function withFirstOnPath(env, folder) {
  // Windows writes it Path.
  const name = Object.keys(env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...env, [name]: [folder, env[name]].filter(Boolean).join(path.delimiter) };
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`[set-up] stopped: ${error.message}\n[set-up] next step: ${error.nextStep}\n`);
  process.exitCode = 1;
}
