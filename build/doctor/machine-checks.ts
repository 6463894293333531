import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { formatBytes } from "#shared/text/bytes.ts";
import { type Finding, type FindingMaker, findingsOf } from "./finding.ts";

const MIB = 1_048_576;
/** Chromium's processes share pictures there; containers often have 64 MiB. */
const LEAST_SHARED_MEMORY = 256 * MIB;
/** What the recorder takes for file work when it is not told otherwise. */
const THREADS = 16;
/** Log, catalogue, sockets, media workers. */
const DESCRIPTORS_BESIDE = 256;
/** Sockets of its desktop, and a file for each of two recordings that overlap. */
const DESCRIPTORS_PER_SCREEN = 6;

const { ok, warn } = findingsOf("This machine");

/** Memory, cores, shared memory, threads: what can be told without a configuration. */
export async function* checkMachine(environment: NodeJS.ProcessEnv): AsyncGenerator<Finding> {
  yield ok("cores, memory", `${availableParallelism()} cores, ${formatBytes(totalmem())}`);
  if (process.platform === "linux") yield await checkSharedMemory();
  yield judgeThreads(environment["UV_THREADPOOL_SIZE"]);
}

async function checkSharedMemory(): Promise<Finding> {
  const mend = "mount a larger one: mount -o remount,size=1g /dev/shm (docker: --shm-size 1g)";
  try {
    const { blocks, bsize, bavail } = await statfs("/dev/shm");
    const [size, free] = [blocks * bsize, bavail * bsize];
    const found = `${formatBytes(size)}, ${formatBytes(free)} free`;
    return size < LEAST_SHARED_MEMORY
      ? warn("/dev/shm", `${found}: too small for Chromium and Electron`, mend)
      : ok("/dev/shm", found);
  } catch {
    return warn("/dev/shm", "not there: Chromium and Electron cannot run", mend);
  }
}

/** @param configured - UV_THREADPOOL_SIZE, which overrides what the recorder takes. */
export function judgeThreads(configured: string | undefined): Finding {
  const name = "UV_THREADPOOL_SIZE";
  if (configured === undefined) return ok(name, `not set: the recorder takes ${THREADS} threads`);
  const threads = Number(configured);
  if (Number.isInteger(threads) && threads >= THREADS) return ok(name, configured);
  return warn(
    name,
    `${configured}: fewer than the ${THREADS} the recorder takes by itself; a busy disk holds up writing`,
    `unset it for the recorder, or set it to ${THREADS} or more`,
  );
}

/** How many files this process, and a recorder that is started like it, may have open; null: not known. */
export async function readDescriptorLimit(pid: number | "self"): Promise<number | null> {
  const limits = await readFile(`/proc/${pid}/limits`, "utf8").catch(() => "");
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return null;
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

/**
 * @param limit - see {@link readDescriptorLimit}.
 * @param screens - monitors that are recorded on a busy day.
 */
export function judgeDescriptors({ ok, fail }: FindingMaker, limit: number | null, screens: number): Finding {
  const name = "file descriptors";
  if (limit === null) return ok(name, "the limit cannot be read on this system");
  const needed = DESCRIPTORS_BESIDE + DESCRIPTORS_PER_SCREEN * screens;
  const found = `${limit} at most; about ${needed} are needed for ${screens} screen${screens === 1 ? "" : "s"}`;
  if (limit >= needed) return ok(name, found);
  return fail(
    name,
    found,
    `raise it: LimitNOFILE=${2 ** Math.ceil(Math.log2(needed * 2))} in the service's unit, or ulimit -n`,
  );
}
