import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { sortOut } from "./latencies.ts";

/** What a benchmark ran on. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGb: number;
  node: string;
  /** How long the disk takes to make 16 KiB durable, in the middle. */
  fdatasyncMs: number;
}

const WRITES = 200;
const WRITE_BYTES = 16_384;

/** @param folder - on the disk that the benchmark uses. */
export async function describeMachine(folder: string): Promise<Machine> {
  const [first] = cpus();
  return {
    processor: first?.model.trim() ?? "unknown processor",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1_024 ** 3),
    node: process.versions.node,
    fdatasyncMs: await measureFlush(join(folder, "flush.bin")),
  };
}

async function measureFlush(path: string): Promise<number> {
  const file = openSync(path, "w");
  try {
    const block = Buffer.alloc(WRITE_BYTES);
    const samples = Array.from({ length: WRITES }, (_, index) => {
      writeSync(file, block, 0, block.length, index * WRITE_BYTES);
      const start = performance.now();
      fdatasyncSync(file);
      return performance.now() - start;
    });
    return sortOut(samples).p50Ms;
  } finally {
    closeSync(file);
    await rm(path);
  }
}
