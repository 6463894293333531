import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { DurationMs } from "#shared/time/units.ts";
import { sortOut } from "../latencies.ts";
import type { Machine } from "../machine.ts";
import type { BenchResult, Measured } from "../results.ts";
import { type ClusterWriter, openAsyncWriter } from "./write-clusters.ts";

/** A mix of real screens at 280 kbit/s, written every 700 ms. */
const CLUSTER_BYTES = 24_500;
const CLUSTER_EVERY_MS: DurationMs = 700;
const FLUSH_EVERY_MS: DurationMs = 1_000;
/** Clusters are handed over in turn, as those of many screens come due. */
const TICK_MS: DurationMs = 10;

/** Writes that are given to threads of our own, each with its share of the files, instead of to libuv's. */
function openThreadWriter(folder: string, files: number, threads: number): ClusterWriter {
  const waiting = new Map<number, { resolve: () => void; reject: (error: unknown) => void }>();
  let nextId = 0;
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL("writer-thread.ts", import.meta.url), {
      workerData: { folder, files },
    });
    worker.on("message", (id: number) => {
      waiting.get(id)?.resolve();
      waiting.delete(id);
    });
    worker.once("error", (error) => {
      for (const { reject } of waiting.values()) reject(error);
    });
    return worker;
  });
  return {
    write(file, bytes, position, isFlushed) {
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.set(id, { resolve, reject });
      // The bytes change hands: a copy would count against the threads.
      workers[file % threads]?.postMessage({ id, file, bytes, position, isFlushed }, [
        bytes.buffer as ArrayBuffer,
      ]);
      return promise;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Plays the clusters of so many screens into a writer. @returns how long each took until it was written, ms. */
async function playClusters(writer: ClusterWriter, files: number, seconds: number): Promise<DurationMs[]> {
  const took: DurationMs[] = [];
  const positions = new Float64Array(files);
  const flushedAt = new Float64Array(files);
  const pending = new Set<Promise<void>>();
  const ticks = Math.round((seconds * 1_000) / TICK_MS);
  const startedAt = performance.now();
  for (let tick = 0; tick < ticks; tick++) {
    await sleep(Math.max(0, startedAt + tick * TICK_MS - performance.now()));
    for (let file = 0; file < files; file++) {
      const phase = Math.floor((file * CLUSTER_EVERY_MS) / files / TICK_MS);
      if (tick % (CLUSTER_EVERY_MS / TICK_MS) !== phase) continue;
      const now = performance.now();
      const isFlushed = now - (flushedAt[file] ?? 0) >= FLUSH_EVERY_MS;
      if (isFlushed) flushedAt[file] = now;
      const written = writer
        .write(file, new Uint8Array(CLUSTER_BYTES), positions[file] ?? 0, isFlushed)
        .then(() => {
          took.push(performance.now() - now);
          pending.delete(written);
        });
      pending.add(written);
      positions[file] = (positions[file] ?? 0) + CLUSTER_BYTES;
    }
  }
  await Promise.all(pending);
  return took;
}

/**
 * The same clusters written by libuv's threads, as the recorder does it, and by threads of our own: processor time of the
 * whole process for each cluster, and how long one takes.
 */
export async function benchWriters(
  folder: string,
  { screens: wanted, seconds, machine }: { screens: readonly number[]; seconds: number; machine: Machine },
): Promise<BenchResult> {
  const screens = Math.max(...wanted);
  const measured: Measured[] = [];
  const ways: [string, (place: string) => ClusterWriter | Promise<ClusterWriter>][] = [
    ["libuv's threads", (place) => openAsyncWriter(place, screens)],
    ["1 thread of our own", (place) => openThreadWriter(place, screens, 1)],
    ["4 threads of our own", (place) => openThreadWriter(place, screens, 4)],
  ];
  for (const [what, openWriter] of ways) {
    const place = await mkdtemp(join(folder, "writers-"));
    await using writer = await openWriter(place);
    await playClusters(writer, screens, 2);
    const whole = process.cpuUsage();
    const own = process.threadCpuUsage();
    const took = await playClusters(writer, screens, seconds);
    const all = process.cpuUsage(whole);
    const loop = process.threadCpuUsage(own);
    const processorMs = (all.user + all.system) / 1_000;
    const loopMs = (loop.user + loop.system) / 1_000;
    measured.push({
      what: `${what}: ${(processorMs / 1_000).toFixed(2)} s, of which the event loop ${(loopMs / 1_000).toFixed(2)} s`,
      ...sortOut(took),
      perSecond: took.length / seconds,
      processorMsEach: processorMs / took.length,
      promise: null,
    });
    await rm(place, { recursive: true });
  }
  return { part: "writers", machine, conditions: { screens, seconds }, measured };
}
