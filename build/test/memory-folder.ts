import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux's: what is there is on no disk. */
const IN_MEMORY = "/dev/shm";

/**
 * A folder of its own that goes when it is disposed, for tests that flush often and whose subject is not what a disk
 * keeps: in memory, where that is to be had, flushing costs nothing.
 */
export async function memoryFolder(): Promise<AsyncDisposable & { path: string }> {
  const root = existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir();
  const path = await mkdtemp(join(root, "deskreel-memory-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
