import { spawn } from "node:child_process";
import { constants } from "node:os";
import { REPOSITORY, toolPath } from "./repository.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal came for us while a tool ran; the tool got it too and has ended. */
export class Stopped extends Error {
  /** 128 + the signal's number, as a shell has it. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
    this.name = "Stopped";
    this.exitCode = 128 + constants.signals[signal];
  }
}

export interface ToolOptions {
  env?: NodeJS.ProcessEnv;
  /** Called with what it writes; without, that goes where ours goes. */
  onOutput?: (text: string) => void;
}

/**
 * Runs a tool of node_modules/.bin in the repository's folder to its end. Signals that come for us meanwhile go to it, as
 * nobody else would tell it: it stops its own programs.
 *
 * @returns its exit code; 1 when a signal ended it.
 * @throws {@link Stopped} after such a signal, Error when it cannot be started.
 */
export function runTool(tool: string, args: readonly string[], options: ToolOptions = {}): Promise<number> {
  return runProgram(toolPath(tool), args, options);
}

/** As {@link runTool}, any program. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, onOutput }: ToolOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const output = onOutput === undefined ? "inherit" : "pipe";
    const child = spawn(program, args, {
      cwd: REPOSITORY,
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => onOutput?.(chunk.toString()));
    let stoppedBy: NodeJS.Signals | null = null;
    const forward = (signal: NodeJS.Signals) => {
      stoppedBy = signal;
      child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, forward);
    const finish = () => {
      for (const signal of SIGNALS) process.off(signal, forward);
    };
    child.once("error", (cause) => {
      finish();
      reject(new Error(`${program} cannot be started`, { cause }));
    });
    child.once("close", (code) => {
      finish();
      if (stoppedBy === null) resolve(code ?? 1);
      else reject(new Stopped(stoppedBy));
    });
  });
}
