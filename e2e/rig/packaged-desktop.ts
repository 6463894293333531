import { chown, cp, mkdir } from "node:fs/promises";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { packLinuxAppForTests } from "../../build/package/unpacked-app.ts";
import { waitUntilIdle } from "./desktop-ready.ts";
import { installedApp } from "./installed-app.ts";
import { type Program, startProgram } from "./program.ts";
import type { Site } from "./site.ts";
import type { XDisplay } from "./x-display.ts";

/** Debian's `nobody`. */
const NOBODY = 65_534;

/** Whom the packaged app runs as here: root's tests take `nobody`, for Chromium's sandbox cannot be had as root. */
export const ORDINARY_USER = process.getuid?.() === 0 ? NOBODY : (process.getuid?.() ?? 0);

/**
 * Starts the packaged app, or the one that `DESKREEL_APP` names, as an ordinary user's session does: with Chromium's
 * sandbox on, and nothing but its window on the world (no inspector) to drive it by.
 *
 * @param folder - its home and, for another user, a copy of it; every user must be able to enter the folders above.
 */
export async function launchPackagedDesktop(
  site: Site,
  { agent, device, x, folder }: { agent: string; device: string; x: XDisplay; folder: string },
): Promise<Program> {
  const executable = installedApp() ?? (await packIntoReach(folder));
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  const configFile = await site.desktopConfig(agent, device, home);
  const otherUser = ORDINARY_USER === process.getuid?.() ? null : ORDINARY_USER;
  if (otherUser !== null) for (const path of [home, configFile]) await chown(path, otherUser, otherUser);
  const desktop = await startProgram("the packaged desktop", executable, ["--config", configFile], {
    ...(otherUser === null ? {} : { uid: otherUser }),
    cwd: home,
    env: {
      DISPLAY: x.display,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
    },
  });
  try {
    await waitUntilIdle(site, agent, device);
    return desktop;
  } catch (cause) {
    await desktop[Symbol.asyncDispose]();
    throw new Error(`the packaged desktop did not come; it wrote:\n${desktop.tail()}`, { cause });
  }
}

/** The clone may lie where another user cannot enter. */
async function packIntoReach(folder: string): Promise<string> {
  const { executable } = await packLinuxAppForTests();
  const copy = join(folder, "app");
  await cp(dirname(executable), copy, { recursive: true });
  return join(copy, basename(executable));
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
