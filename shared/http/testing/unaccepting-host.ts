import { once } from "node:events";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";

/** A host that takes no connection and refuses none: what is sent to it gets no answer at all, as behind a firewall. */
export interface UnacceptingHost extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
}

export async function openUnacceptingHost(): Promise<UnacceptingHost> {
  await using opened = new AsyncDisposableStack();
  const thread = new Worker(new URL("blocked-thread.ts", import.meta.url));
  opened.defer(() => thread.terminate().then(() => undefined));
  const [port] = (await once(thread, "message")) as [number];
  // Linux lets one more connection wait than the backlog says; whoever comes after these is not heard.
  for (let waiting = 0; waiting < 2; waiting += 1) {
    const socket = connect(port, "127.0.0.1");
    opened.defer(() => void socket.destroy());
    await once(socket, "connect");
    socket.on("error", () => undefined); // The listener ends before it.
  }
  const owned = opened.move();
  return { host: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
