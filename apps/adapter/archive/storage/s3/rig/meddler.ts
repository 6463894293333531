import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A line to an HTTP server that can be made bad. */
export interface Meddler extends AsyncDisposable {
  readonly url: string;
  /** Flips a bit of each body that goes to the server. */
  changeBodies: boolean;
  /** Breaks off each answer to a GET after so many bytes of it; null: none. */
  breakAfterBytes: number | null;
  /** Answers that were broken off. */
  broken: number;
}

/** @param server - the URL that requests go on to, on this machine. */
export async function startMeddler(server: string): Promise<Meddler> {
  const { hostname, port } = new URL(server);
  const line = createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const onward = request({ hostname, port, method, path, headers }, (answered) =>
      passBack(meddler, asked, answered, answer),
    );
    onward.on("error", () => answer.destroy());
    asked.on("data", (chunk: Buffer) => {
      const sent = Buffer.from(chunk);
      if (meddler.changeBodies) sent[0] = (sent[0] ?? 0) ^ 1;
      onward.write(sent);
    });
    asked.on("end", () => onward.end());
  });
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  const meddler: Meddler = {
    url: `http://127.0.0.1:${(line.address() as AddressInfo).port}`,
    changeBodies: false,
    breakAfterBytes: null,
    broken: 0,
    async [Symbol.asyncDispose]() {
      line.closeAllConnections();
      await new Promise((resolve) => line.close(resolve));
    },
  };
  return meddler;
}

function passBack(
  meddler: Meddler,
  asked: IncomingMessage,
  answered: IncomingMessage,
  answer: ServerResponse,
): void {
  answer.writeHead(answered.statusCode ?? 502, answered.headers);
  let passed = 0;
  answered.on("data", (chunk: Buffer) => {
    const most = asked.method === "GET" ? meddler.breakAfterBytes : null;
    if (most === null || passed + chunk.length <= most) {
      passed += chunk.length;
      answer.write(chunk);
      return;
    }
    answered.removeAllListeners("data").removeAllListeners("end");
    meddler.broken += 1;
    answer.write(chunk.subarray(0, most - passed), () => {
      answer.destroy();
      answered.destroy();
    });
  });
  answered.on("end", () => answer.end());
  answered.on("error", () => answer.destroy());
}
