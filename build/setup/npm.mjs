// @ts-check
import path from "node:path";
import { CommandError, runCommand } from "./command.mjs";
import { SetupError } from "./setup-error.mjs";

/** What an `npm run` above us hands down about itself; a second npm would take it for its own settings. */
const OF_THE_OUTER_NPM =
  /^npm_(package_|lifecycle_|config_(global|prefix|local_prefix|global_prefix|dry_run|omit|only|production|json|workspaces?|package_lock|save)$)/;

/** A registry that cannot be reached is given up within about 20 s. */
const PATIENCE = ["--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=5000"];

/**
 * Runs the npm of this machine, with the settings of its owner.
 *
 * @param {string[]} args
 * @param {{ cwd: string, node?: string, onLine?: (line: string) => void }} options `node` runs it; npm finds its own
 *   without
 * @returns {Promise<string>} its stdout
 */
export async function runNpm(args, { cwd, node, onLine }) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !OF_THE_OUTER_NPM.test(name.toLowerCase())),
  );
  const ofOuter = process.env["npm_execpath"];
  // yarn and pnpm set npm_execpath too.
  const cli = ofOuter && /npm-cli\.c?js$/.test(path.basename(ofOuter)) ? ofOuter : undefined;
  const [command, ...first] = cli ? [node ?? process.execPath, cli] : ["npm"];
  try {
    return await runCommand(
      command,
      [...first, ...args, ...PATIENCE, "--loglevel=error", "--no-update-notifier"],
      {
        cwd,
        env,
        onLine,
      },
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.exitCode === null && !cli) {
      throw new SetupError(
        error.message,
        "Install npm (it comes with Node.js), then run the command again.",
        {
          cause: error,
        },
      );
    }
    throw new SetupError(
      `npm ${args[0]} failed: ${firstErrors(error.output)}`,
      "Look whether this machine reaches its npm registry (npm ping), then run the command again.",
      { cause: error },
    );
  }
}

/**
 * @param {string} output of npm
 * @returns {string} the lines that say why
 */
function firstErrors(output) {
  const errors = output
    .split("\n")
    .filter((line) => line.startsWith("npm error"))
    .map((line) => line.slice("npm error".length).trim())
    .filter((line) => line !== "" && !line.startsWith("A complete log"));
  return errors.slice(0, 6).join("\n  ") || output;
}
