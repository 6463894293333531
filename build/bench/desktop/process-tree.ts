import { readFile } from "node:fs/promises";
import type { DurationMs } from "#shared/time/units.ts";
import { childrenOf, readProcessorMs, readPssBytes } from "../process-cost.ts";

/** What Chromium's processes are for; `main` is the one that was started. */
export type Role = "main" | "page" | "gpu" | "network" | "other";

/** What processes of one kind have taken of the processors since their start, in milliseconds. */
export type TreeProcessor = Record<Role, DurationMs>;

/** A program with all that it has started, and they in turn. */
async function familyOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()];
}

/** User and system time of the whole family; what has ended in between is missing. */
export async function readTreeProcessor(root: number): Promise<TreeProcessor> {
  const taken: TreeProcessor = { main: 0, page: 0, gpu: 0, network: 0, other: 0 };
  for (const pid of await familyOf(root)) {
    const role = pid === root ? "main" : await roleOf(pid);
    taken[role] += await readProcessorMs(pid).catch(() => 0);
  }
  return taken;
}

/** The memory of the whole family, what its members share counted once (PSS). */
export async function readTreePssBytes(root: number): Promise<number> {
  const family = await familyOf(root);
  const sizes = await Promise.all(family.map((pid) => readPssBytes(pid).catch(() => 0)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function roleOf(pid: number): Promise<Role> {
  const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (line.includes("--type=renderer")) return "page";
  if (line.includes("--type=gpu-process")) return "gpu";
  if (line.includes("network.mojom")) return "network";
  return "other";
}
