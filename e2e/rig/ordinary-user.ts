/** Whom a packaged app runs as in tests, and what this user can reach. */
import { chmod, chown, cp, mkdir, stat } from "node:fs/promises";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSystemError } from "#shared/runtime/errors.ts";

/** Debian's `nobody`. */
const NOBODY = 65_534;

/** Root's tests take `nobody`, for Chromium's sandbox cannot be had as root; others are themselves. */
export const ORDINARY_USER = process.getuid?.() === 0 ? NOBODY : (process.getuid?.() ?? 0);

/** Lets every user into a folder, not look around in it. */
export async function letEveryoneIn(folder: string): Promise<void> {
  await chmod(folder, 0o711);
}

export async function giveToOrdinaryUser(path: string): Promise<void> {
  if (ORDINARY_USER !== process.getuid?.()) await chown(path, ORDINARY_USER, ORDINARY_USER);
}

/** The home folder of a session; one that is there already is taken up. */
export async function makeHome(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await giveToOrdinaryUser(folder);
  return folder;
}

/** An app that every user can start: the clone may lie where another user cannot enter, so a copy of it then. */
export async function withinReach(executable: string, folder: string): Promise<string> {
  if (await everyoneCanEnter(dirname(executable))) return executable;
  const copy = join(folder, "app");
  const program = join(copy, basename(executable));
  try {
    await stat(program);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
    await cp(dirname(executable), copy, { recursive: true });
  }
  return program;
}

async function everyoneCanEnter(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  return folder === dirname(folder) || everyoneCanEnter(dirname(folder));
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
