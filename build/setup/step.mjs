// @ts-check
/**
 * What a step works with.
 * @typedef {object} Context
 * @property {string} root the clone
 * @property {import("./cache.mjs").Cache} cache
 * @property {import("./report.mjs").Report} report
 * @property {string} node the Node 24 that runs the project; of the first step on
 */

/**
 * One thing that a command needs on this machine.
 *
 * `check` is cheap, changes nothing, and answers the environment that the command needs to find the thing, or
 * undefined when it is not there. `install` brings it and answers the same; it throws a SetupError that names the
 * next step. It runs for one set-up at a time.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {(context: Context) => Promise<Record<string, string> | undefined>} check
 * @property {(context: Context) => Promise<Record<string, string>>} install
 */

/** The platform in the words of npm's packages. */
export const PLATFORM = `${process.platform}-${process.arch}`;
