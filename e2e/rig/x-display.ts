import { failsToStart, startProgram } from "./program.ts";

/** An X server of our own without a monitor. */
export interface XDisplay extends AsyncDisposable {
  /** For the environment, e.g. `:99`. */
  readonly display: string;
  readonly width: number;
  readonly height: number;
  /** The X server's. */
  readonly pid: number;
}

const READY_WITHIN_MS = 15_000;

/** Starts Xvfb on a free display number of its own choice. */
export async function startXDisplay(size = { width: 1280, height: 720 }): Promise<XDisplay> {
  const screen = `${size.width}x${size.height}x24`;
  // `-displayfd 1` picks a free number and writes it when the server takes connections.
  const args = ["-displayfd", "1", "-screen", "0", screen, "-nolisten", "tcp", "-noreset"];
  const ready = Promise.withResolvers<string>();
  const onLine = (line: string) => {
    if (/^\d+$/.test(line)) ready.resolve(line);
  };
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startProgram("Xvfb", "Xvfb", args, { onLine }));
  const number = await Promise.race([ready.promise, failsToStart(server, READY_WITHIN_MS)]);
  const owned = parts.move();
  const { pid } = server;
  return { display: `:${number}`, ...size, pid, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
