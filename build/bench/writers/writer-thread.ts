/** A thread that writes clusters: takes orders, blocks on the disk, tells each that is done. */
import { parentPort, workerData } from "node:worker_threads";
import { openBlockingWriter, type WriteOrder } from "./write-clusters.ts";

const { folder, files } = workerData as { folder: string; files: number };
const write = openBlockingWriter(folder, files);
parentPort?.on("message", (order: WriteOrder) => {
  write(order);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(order.id);
});
