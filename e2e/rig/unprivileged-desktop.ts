import { chown, cp, mkdir } from "node:fs/promises";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { electronProgram } from "../../build/electron-program.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { waitUntilIdle } from "./desktop-ready.ts";
import { type Program, startProgram } from "./program.ts";
import type { Site } from "./site.ts";
import type { XDisplay } from "./x-display.ts";

/** Debian's `nobody`. */
const NOBODY = 65_534;

/**
 * Launches the tray app as `nobody`, with Chromium's sandbox on, as an agent's session does; to be called as root.
 *
 * @param folder - where what `nobody` may read is copied to; every user must be able to enter the folders above it.
 */
export async function launchUnprivilegedDesktop(
  site: Site,
  { agent, device, x, folder }: { agent: string; device: string; x: XDisplay; folder: string },
): Promise<Program> {
  const { executable } = electronProgram([]);
  const runtime = join(folder, "electron");
  const app = join(folder, "app");
  const home = join(folder, "home");
  await cp(dirname(executable), runtime, { recursive: true });
  await cp(join(REPOSITORY, "dist/desktop"), app, { recursive: true });
  await mkdir(home, { mode: 0o700 });
  await chown(home, NOBODY, NOBODY);
  const configFile = await site.desktopConfig(agent, device, home);
  await chown(configFile, NOBODY, NOBODY);
  const desktop = await startProgram(
    "the desktop",
    join(runtime, basename(executable)),
    [app, "--config", configFile],
    {
      uid: NOBODY,
      cwd: home,
      env: {
        DISPLAY: x.display,
        HOME: home,
        XDG_RUNTIME_DIR: home,
        XDG_CONFIG_HOME: home,
        XDG_CACHE_HOME: home,
      },
    },
  );
  try {
    await waitUntilIdle(site, agent, device);
    return desktop;
  } catch (cause) {
    await desktop[Symbol.asyncDispose]();
    throw new Error(`the desktop of nobody did not come; it wrote:\n${desktop.tail()}`, { cause });
  }
}

/** What Linux says of each page process below a program: its seccomp mode (2 = filtered) and its user. */
export function pageProcesses(root: number): { seccomp: string; uid: string }[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && ancestors(Number(entry)).includes(root))
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer"))
    .map((pid) => {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const field = (name: string) => new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? "";
      return { seccomp: field("Seccomp"), uid: field("Uid") };
    });
}

function ancestors(pid: number): number[] {
  const found: number[] = [];
  for (let at = pid; at > 1; ) {
    found.push(at);
    try {
      at = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${at}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      break; // Ended while it was looked at.
    }
  }
  return found;
}
