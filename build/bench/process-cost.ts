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

/** What a process and its children have in memory together, in bytes (RSS); what they share counts for each. */
export interface FamilyMemory {
  nowBytes: number;
  /** The most that each has ever had, added up: no less than what they had together at any moment of these processes. */
  mostBytes: number;
}

/** Its children must not be the same program as it: one of that name is being born, and all it has is its parent's. */
export async function readFamilyMemory(pid: number): Promise<FamilyMemory> {
  const [parent = "", ...children] = await Promise.all([pid, ...(await childrenOf(pid))].map(readStatus));
  const family = [parent, ...children.filter((child) => readName(child) !== readName(parent))];
  const sum = (field: string) =>
    family.reduce((bytes, status) => bytes + readKilobytes(status, field) * 1_024, 0);
  return { nowBytes: sum("VmRSS"), mostBytes: sum("VmHWM") };
}

const readName = (status: string) => /^Name:\s+(.*)$/m.exec(status)?.[1];

/** Empty for one that has ended. */
async function readStatus(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
}

/** 0 for one that has ended and is not yet waited for. */
function readKilobytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
}

/** The memory that is a process' own, and its share of what it has in common with others, in bytes (PSS). */
export async function readPssBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no Pss`);
  return Number(kilobytes) * 1_024;
}

/** The processes whose parent this one is; none of one that has ended. */
export async function childrenOf(pid: number): Promise<number[]> {
  // By the thread that made them. All of /proc would take milliseconds, which are missing in what is measured.
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "")),
  );
  return lists
    .flatMap((list) => list.split(" "))
    .filter((child) => child !== "")
    .map(Number);
}

/** The fields after the name, which stands in brackets and may have blanks: state, parent, … */
async function readStat(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
