// @ts-check
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How many of a program's last lines its failure carries. */
const TAIL_LINES = 40;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** A program of set-up that could not be started, was stopped at its limit, or did not end with 0. */
export class CommandError extends Error {
  /**
   * @param {string} command
   * @param {string} reason
   * @param {number | null} exitCode null when it never ended by itself
   * @param {string} output its last lines
   */
  constructor(command, reason, exitCode, output) {
    super(`${command} ${reason}${output ? `:\n${output}` : ""}`);
    this.name = "CommandError";
    this.exitCode = exitCode;
    this.output = output;
  }
}

/**
 * Runs a program to its end; nothing of it reaches the terminal.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {((line: string) => void) | undefined} [options.onLine] each line of stdout and stderr
 * @param {number} [options.limitMs] ends it by SIGKILL after this long
 * @returns {Promise<string>} its stdout
 * @throws {CommandError}
 */
export function runCommand(command, args, { cwd, env, onLine, limitMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    /** @type {string[]} */
    const stdout = [];
    /** @type {string[]} */
    const tail = [];
    let overdue = false;
    const limit = limitMs && setTimeout(() => (overdue = child.kill("SIGKILL")), limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
        if (stream === child.stdout) stdout.push(line);
        tail.push(line);
        if (tail.length > TAIL_LINES) tail.shift();
        onLine?.(line);
      });
    }
    const finish = () => {
      running.delete(child);
      clearTimeout(limit);
    };
    child.once("error", (cause) => {
      finish();
      reject(new CommandError(command, `could not be started (${cause.message})`, null, ""));
    });
    child.once("close", (code, signal) => {
      finish();
      if (code === 0) resolve(stdout.join("\n"));
      else if (overdue)
        reject(new CommandError(command, `took more than ${limitMs} ms`, null, tail.join("\n")));
      else reject(new CommandError(command, `ended with ${code ?? signal}`, code, tail.join("\n")));
    });
  });
}

/**
 * Ends what set-up is running, for a signal that reached only set-up itself.
 * @param {NodeJS.Signals} signal
 */
export function endRunningCommands(signal) {
  for (const child of running) child.kill(signal);
}
