// @ts-check
import { spawn } from "node:child_process";

/** @type {readonly NodeJS.Signals[]} */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
/** Ctrl-C under npm reaches us twice: from the terminal, and from npm, which hands its own on. */
const SAME_SIGNAL_WITHIN_MS = 250;

/**
 * Runs the command in our place: our stdio, our signals, and in the end its exit code or signal is ours.
 *
 * It is the leader of its own session, so that a Ctrl-C reaches it through us alone, and once: to a program that
 * shuts down in order, a second signal means "at once".
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>} when it has ended
 */
export async function runInForeground(command, args, env) {
  const windows = process.platform === "win32";
  const child = spawn(command, args, {
    env,
    stdio: "inherit",
    // On Windows it would get its own console, and Ctrl-C reaches everyone in ours.
    detached: !windows,
    shell: windows && command.endsWith(".cmd"),
  });
  /** @type {Map<NodeJS.Signals, number>} */
  const lastAt = new Map();
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    const now = performance.now();
    if (now - (lastAt.get(signal) ?? -Infinity) < SAME_SIGNAL_WITHIN_MS) return;
    lastAt.set(signal, now);
    if (!windows) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  /** @type {[number | null, NodeJS.Signals | null]} */
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...end) => resolve(end));
  });
  for (const name of FORWARDED) process.off(name, forward);
  if (signal) process.kill(process.pid, signal);
  else process.exitCode = code ?? 1;
}
