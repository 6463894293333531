import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { Cache } from "../../build/setup/cache.mjs";
import { freePort } from "./ports.ts";
import { failsToStart, startProgram } from "./program.ts";

const READY_WITHIN_MS = 60_000;
/** Debian's own: the packages' modules are made for it. */
const PYTHON = "/usr/bin/python3";
const MODULES = "usr/lib/python3/dist-packages";
const PACKAGES = ["python3-swift", "memcached"];
const STORES = ["account", "container", "object"] as const;
/** A server of Swift, which would look for its configuration in /etc. */
const SERVER = `
import sys
from swift.common import utils
utils.set_swift_dir(sys.argv[1])
from swift.common.wsgi import run_wsgi
sys.exit(run_wsgi(sys.argv[2], sys.argv[3] + "-server", verbose=True))
`;
/** Which store has what: one of each kind has all. */
const RINGS = `
import sys
from swift.common.ring import RingBuilder
for name, port in zip(sys.argv[2::2], sys.argv[3::2]):
    ring = RingBuilder(2, 1, 0)
    ring.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=int(port), device="one", weight=1))
    ring.rebalance()
    ring.get_ring().save("%s/%s.ring.gz" % (sys.argv[1], name))
`;

/** An S3 server that is none of ours: OpenStack Swift with its S3 API, in a folder of its own. */
export interface Swift extends AsyncDisposable {
  readonly endpoint: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
}

/** Why {@link startSwift} cannot work here; null: it can. */
export const SWIFT_LACKS =
  process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get") || !existsSync(PYTHON)
    ? "a real S3 server (OpenStack Swift) needs root on Debian with python3"
    : null;

/** Starts it on free ports of loopback; it is fetched at the first time, and never installed. */
export async function startSwift(): Promise<Swift> {
  const root = await fetchSwift();
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-swift-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const env = {
    PYTHONPATH: join(root, MODULES),
    LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu"),
  };
  const ports = { proxy: await freePort(), cache: await freePort() };
  await mkdir(join(folder, "disks/one"), { recursive: true });
  await writeFile(join(folder, "swift.conf"), SITE);
  const cacheArgs = ["-l", "127.0.0.1", "-p", String(ports.cache), "-U", "0", "-u", "root"];
  parts.use(await startProgram("memcached", join(root, "usr/bin/memcached"), cacheArgs, { env }));
  const startServer = async (name: string, config: string) => {
    const file = join(folder, `${name}.conf`);
    await writeFile(file, config);
    return parts.use(
      await startProgram(`Swift's ${name}`, PYTHON, ["-c", SERVER, folder, file, name], { env }),
    );
  };
  const stores = await Promise.all(STORES.map(async (name) => ({ name, port: await freePort() })));
  const rings = stores.flatMap(({ name, port }) => [name, String(port)]);
  await run(PYTHON, ["-c", RINGS, folder, ...rings], { env: { ...process.env, ...env } });
  await Promise.all(stores.map(({ name, port }) => startServer(name, storeConfig(name, folder, port))));
  const proxy = await startServer("proxy", proxyConfig(folder, ports));
  const endpoint = `http://127.0.0.1:${ports.proxy}`;
  await Promise.race([answers(endpoint), failsToStart(proxy, READY_WITHIN_MS)]);
  const owned = parts.move();
  return {
    endpoint,
    credentials: { accessKeyId: "test:tester", secretAccessKey: "testing" },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function answers(url: string): Promise<void> {
  for (;;) {
    const isThere = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await sleep(100);
  }
}

const SITE = `
[swift-hash]
swift_hash_path_suffix = deskreel
[storage-policy:0]
name = one
default = yes
`;

function serverConfig(folder: string, port: number): string {
  return `
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = root
workers = 0
swift_dir = ${folder}
devices = ${folder}/disks
mount_check = false
`;
}

function storeConfig(name: string, folder: string, port: number): string {
  return `${serverConfig(folder, port)}
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;
}

function proxyConfig(folder: string, ports: { proxy: number; cache: number }): string {
  const filters = [
    "catch_errors",
    "proxy_logging",
    "memcache",
    "listing_formats",
    "bulk",
    "s3api",
    "tempauth",
  ];
  filters.push("slo", "symlink", "versioned_writes");
  const settings: Readonly<Record<string, string>> = {
    memcache: `memcache_servers = 127.0.0.1:${ports.cache}`,
    s3api: "location = us-east-1",
    tempauth: "user_test_tester = testing .admin",
    versioned_writes: "allow_object_versioning = true",
  };
  const sections = filters.map(
    (name) => `[filter:${name}]\nuse = egg:swift#${name}\n${settings[name] ?? ""}\n`,
  );
  return `${serverConfig(folder, ports.proxy)}
[pipeline:main]
pipeline = ${filters.join(" ")} proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
${sections.join("")}`;
}

/** Not installed but unpacked, with what of its dependencies the machine does not have. */
async function fetchSwift(): Promise<string> {
  const cache = new Cache();
  const [kind, key] = ["swift", process.arch];
  if ((await cache.keys(kind)).includes(key)) return cache.entry(kind, key);
  return cache.publish(kind, key, (folder) =>
    cache.inScratch(async (scratch) => {
      try {
        await download(scratch);
      } catch (error) {
        if (!(error instanceof SubprocessError)) throw error;
        // The machine's lists may be missing, or name versions that are gone.
        await run("apt-get", ["-q", "update"]);
        await download(scratch);
      }
      for (const name of await readdir(scratch)) await run("dpkg", ["-x", join(scratch, name), folder]);
      // Else each start of each of its processes would take seconds.
      await run(PYTHON, ["-m", "compileall", "-q", join(folder, MODULES)]);
    }),
  );
}

async function download(folder: string): Promise<void> {
  const plan = await run("apt-get", ["-q", "-s", "--no-install-recommends", "install", ...PACKAGES]);
  const missing = [...plan.toString().matchAll(/^Inst (\S+)/gm)].map(([, name = ""]) => name);
  await run("apt-get", ["-q", "download", ...new Set([...PACKAGES, ...missing])], { cwd: folder });
}
