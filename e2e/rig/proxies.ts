import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { Cache } from "../../build/setup/cache.mjs";
import { freePort } from "./ports.ts";
import { failsToStart, startProgram } from "./program.ts";

const PACKAGES = ["tinyproxy-bin", "microsocks"];
const READY_WITHIN_MS = 30_000;

/** Whether the proxies can be had here: Debian's, unpacked. */
export const HAS_PROXIES = existsSync("/usr/bin/apt-get");

/** A proxy as companies run them, none of ours. */
export interface TestProxy extends AsyncDisposable {
  readonly port: number;
  /** How many connections it has made for somebody. */
  readonly connections: number;
}

export interface ProxyOptions {
  /** Without it nobody has to sign in. */
  credentials?: { username: string; password: string };
  /** The only ports that it connects to; absent: any. */
  connectPorts?: readonly number[];
}

/** An HTTP proxy: tinyproxy. */
export async function startHttpProxy(options: ProxyOptions = {}): Promise<TestProxy> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-proxy-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const { credentials, connectPorts = [] } = options;
  const lines = [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "LogLevel Connect",
    ...connectPorts.map((allowed) => `ConnectPort ${allowed}`),
    ...(credentials ? [`BasicAuth ${credentials.username} ${credentials.password}`] : []),
  ];
  const file = join(folder, "tinyproxy.conf");
  await writeFile(file, `${lines.join("\n")}\n`);
  const program = join(await fetchProxies(), "usr/bin/tinyproxy");
  const started = await startProxy(program, ["-d", "-c", file], port, /Established connection to host/);
  parts.use(started);
  const owned = parts.move();
  return {
    port,
    get connections() {
      return started.connections;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A SOCKS 5 proxy: microsocks. */
export async function startSocksProxy({ credentials }: ProxyOptions = {}): Promise<TestProxy> {
  const port = await freePort();
  const signIn = credentials ? ["-u", credentials.username, "-P", credentials.password] : [];
  const program = join(await fetchProxies(), "usr/bin/microsocks");
  return startProxy(program, ["-i", "127.0.0.1", "-p", String(port), ...signIn], port, /connected to/);
}

async function startProxy(
  command: string,
  args: string[],
  port: number,
  connection: RegExp,
): Promise<TestProxy> {
  let connections = 0;
  const onLine = (line: string) => {
    if (connection.test(line)) connections += 1;
  };
  const program = await startProgram("the proxy", command, args, { onLine });
  await Promise.race([answers(port), failsToStart(program, READY_WITHIN_MS)]);
  return {
    port,
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Not installed but unpacked: as services they would be started for the whole machine. */
async function fetchProxies(): Promise<string> {
  const cache = new Cache();
  const [kind, key] = ["proxies", process.arch];
  if ((await cache.keys(kind)).includes(key)) return cache.entry(kind, key);
  return cache.publish(kind, key, (folder) =>
    cache.inScratch(async (scratch) => {
      const download = () => run("apt-get", ["-q", "download", ...PACKAGES], { cwd: scratch });
      try {
        await download();
      } catch (error) {
        if (!(error instanceof SubprocessError)) throw error;
        // The machine's lists may be missing, or name versions that are gone.
        await run("apt-get", ["-q", "update"]);
        await download();
      }
      for (const name of await readdir(scratch)) await run("dpkg", ["-x", join(scratch, name), folder]);
    }),
  );
}
