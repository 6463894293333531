import { spawn } from "node:child_process";
import { DeskreelError } from "#shared/runtime/errors.ts";

/** An X server of our own without a monitor. */
export interface XDisplay extends AsyncDisposable {
  /** For the environment, e.g. `:99`. */
  readonly display: string;
  readonly width: number;
  readonly height: number;
}

const READY_WITHIN_MS = 15_000;

/** Starts Xvfb on a free display number of its own choice. */
export async function startXDisplay(size = { width: 1280, height: 720 }): Promise<XDisplay> {
  const screen = `${size.width}x${size.height}x24`;
  // `-displayfd 1` picks a free number and writes it when the server takes connections.
  const args = ["-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"];
  const child = spawn("Xvfb", args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const number = await new Promise<string>((resolve, reject) => {
    const fail = (why: string, cause?: Error) =>
      reject(new DeskreelError("CANNOT_START", `Xvfb ${why} ${stderr}`.trim(), { cause }));
    const timer = setTimeout(() => fail("did not become ready"), READY_WITHIN_MS);
    child.once("error", (cause) => fail("cannot be started", cause));
    child.once("exit", (code) => fail(`ended with ${code}`));
    child.stdout.once("data", (chunk: Buffer) => {
      clearTimeout(timer);
      resolve(chunk.toString().trim());
    });
  });
  child.removeAllListeners("exit");
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    display: `:${number}`,
    ...size,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
