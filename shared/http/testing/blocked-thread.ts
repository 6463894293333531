/** A worker thread that listens, tells its port and then does nothing more: it accepts no connection. */
import { createServer } from "node:net";
import { parentPort } from "node:worker_threads";

const server = createServer();
server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
  parentPort?.postMessage(port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
