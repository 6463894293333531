import { spawn } from "node:child_process";
import { setPriority } from "node:os";
import { DeskreelError } from "./errors.ts";

/** How much of a failed program's stderr its error carries. */
const STDERR_TAIL_CHARACTERS = 4_000;
const KILL_AFTER_MS = 5_000;

/** The kernel kills what this becomes when its parent is gone; other kernels than Linux cannot. */
const DYING_WITH_US = process.platform === "linux" ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
/** What `setpriv` ends with when there is no such program, as shells do. */
const NOT_THERE = 127;

export class SubprocessError extends DeskreelError {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(
    command: string,
    reason: string,
    exitCode: number | null,
    stderr: string,
    options?: ErrorOptions,
  ) {
    super("SUBPROCESS_FAILED", `${command} ${reason}${stderr ? `: ${stderr.trim()}` : ""}`, options);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** The program is killed when we are, whatever killed us; by util-linux' `setpriv`, without effect elsewhere than on Linux. */
  diesWithUs?: boolean;
  /** As of `nice`, 0 to 19; absent: our own. */
  niceness?: number;
  /** The program is stopped, as by an abort, when it takes longer. */
  limitMs?: number;
  /** Called with each chunk of stdout instead of collecting it. */
  onStdout?: (chunk: Buffer) => void;
}

/**
 * Runs a program to its end and returns its stdout (empty when `onStdout` takes it).
 *
 * An abort sends SIGTERM, then SIGKILL after 5 s; the promise settles only when the process is gone.
 *
 * @throws {@link SubprocessError} when it cannot be started, exits other than 0, was aborted, or took too long.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Buffer> {
  options.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const [program, ...before] = options.diesWithUs ? DYING_WITH_US : [];
    const child = spawn(program ?? command, program === undefined ? args : [...before, command, ...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    let stderr = "";
    let killTimer: NodeJS.Timeout | undefined;
    let isLate = false;
    if (options.niceness !== undefined && child.pid !== undefined) lowerPriority(child.pid, options.niceness);
    const stop = () => {
      child.kill("SIGTERM");
      killTimer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
    };
    const onLimit = () => {
      isLate = true;
      stop();
    };
    const limit = options.limitMs === undefined ? undefined : setTimeout(onLimit, options.limitMs);
    options.signal?.addEventListener("abort", stop, { once: true });
    child.stdout.on("data", options.onStdout ?? ((chunk: Buffer) => stdout.push(chunk)));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-STDERR_TAIL_CHARACTERS);
    });
    const finish = () => {
      clearTimeout(killTimer);
      clearTimeout(limit);
      options.signal?.removeEventListener("abort", stop);
    };
    child.once("error", (cause) => {
      finish();
      reject(new SubprocessError(command, `could not be started (${cause.message})`, null, "", { cause }));
    });
    child.once("close", (code, signalName) => {
      finish();
      if (code === 0) resolve(Buffer.concat(stdout));
      else if (program !== undefined && code === NOT_THERE)
        reject(new SubprocessError(command, "could not be started", null, stderr));
      else if (options.signal?.aborted)
        reject(new SubprocessError(command, "was stopped", code, "", { cause: options.signal.reason }));
      else if (isLate)
        reject(new SubprocessError(command, `was stopped after ${options.limitMs} ms`, null, stderr));
      else reject(new SubprocessError(command, `ended with ${code ?? signalName}`, code, stderr));
    });
  });
}

function lowerPriority(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // The program has ended already, and how is told by its exit.
  }
}
