import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DeskreelError } from "#shared/runtime/errors.ts";

const STOP_WITHIN_MS = 10_000;
const TAIL_LINES = 30;

/** A program started by us; disposing ends it (SIGTERM, then SIGKILL after 10 s) and waits until it is gone. */
export interface Program extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Settles when it ends, whoever ended it. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The last lines it wrote. */
  tail(): string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Another user (and the group of the same number) to run it as; for root only. */
  uid?: number;
  /** Everything it writes goes here too. */
  logFile?: string;
  /** Called with each whole line of stdout or stderr. */
  onLine?: (line: string) => void;
}

/** @throws DeskreelError `CANNOT_START` when the program is not there. */
export async function startProgram(
  name: string,
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Program> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own: Ctrl-C in a terminal reaches us alone, and we end the programs in order.
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) =>
      reject(new DeskreelError("CANNOT_START", `${name}: ${command} cannot be started`, { cause })),
    );
  });
  const pid = child.pid ?? 0;
  endWithUs(child, pid);
  const lines: string[] = [];
  const log = options.logFile === undefined ? null : createWriteStream(options.logFile, { flags: "a" });
  for (const stream of [child.stdout, child.stderr]) {
    readLines(stream, (line) => {
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
      log?.write(`${line}\n`);
      options.onLine?.(line);
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("close", (code, signal) => {
      log?.end();
      resolve({ code, signal });
    });
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    name,
    pid,
    ended,
    kill,
    tail: () => lines.join("\n"),
    [Symbol.asyncDispose]: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

/**
 * Ends a program also when we are killed and can end nothing ourselves: a shell waits at a pipe that closes with us.
 */
function endWithUs(child: ChildProcess, pid: number): void {
  const script = 'read -r _; kill -s TERM -- "-$0"; sleep 10; kill -s KILL -- "-$0"';
  const guard = spawn("sh", ["-c", script, String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Without a guard the program runs all the same.
  guard.once("error", () => {});
  guard.unref();
  child.once("exit", () => guard.kill("SIGKILL"));
}

/** Rejects with what the program wrote when it ends, or after `withinMs`; to be raced against its readiness. */
export async function failsToStart(program: Program, withinMs: number): Promise<never> {
  const late = sleep(withinMs, `did not become ready within ${withinMs / 1_000} s`, { ref: false });
  const end = program.ended.then(({ code, signal }) => `ended with ${code ?? signal}`);
  throw new DeskreelError(
    "CANNOT_START",
    `${program.name} ${await Promise.race([late, end])}:\n${program.tail()}`,
  );
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) onLine(line);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}
