import { readdir, readFile } from "node:fs/promises";

/** Linux counts in hundredths of a second for programs, whatever its own clock (proc(5)). */
const MS_PER_TICK = 10;

/** What a process has taken of the processors since its start, in milliseconds; all its threads, without its children. */
export async function readProcessorMs(pid: number): Promise<number> {
  const fields = await readStat(pid);
  // Of all fields, user and system time are the 14th and 15th.
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** As {@link readProcessorMs}, with all that its children have taken which have ended. */
export async function readFamilyProcessorMs(pid: number): Promise<number> {
  const fields = await readStat(pid);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK;
}

/** The memory of a process and its children, in bytes (RSS); what they share counts for each. */
export async function readFamilyRssBytes(pid: number): Promise<number> {
  const family = [pid, ...(await childrenOf(pid))];
  const each = await Promise.all(family.map(readRssBytes));
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

/** 0 for one that has ended. */
async function readRssBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024;
}

/** The memory that is a process' own, and its share of what it has in common with others, in bytes (PSS). */
export async function readPssBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no Pss`);
  return Number(kilobytes) * 1_024;
}

/** The processes whose parent this one is. */
export async function childrenOf(pid: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const parents = await Promise.all(
    pids.map((child) =>
      readStat(child).then(
        ([, parent]) => Number(parent),
        () => null,
      ),
    ),
  );
  return pids.filter((_, index) => parents[index] === pid);
}

/** The fields after the name, which stands in brackets and may have blanks: state, parent, … */
async function readStat(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
