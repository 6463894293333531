/** Loaded before a benchmarked recorder (`node --import`), by which each of its threads gets it: the first one is meant. */
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  // Whoever reads a file first settles how many threads there are for it: that is the recorder's to say.
  await import("../../../apps/recorder/thread-pool.ts");
  await import("./install-hooks.ts");
}
