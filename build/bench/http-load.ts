import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { DeskreelError } from "#shared/runtime/errors.ts";

/** A request to send. */
export interface LoadRequest {
  method: "GET" | "POST";
  path: string;
  /** Made when the request is sent. */
  body?: () => string;
}

/** What came of a load. */
export interface LoadResult {
  samplesMs: number[];
  /** From the first request to the last answer. */
  tookMs: number;
}

/** Sends requests over connections that stay open, as an integration does. */
export class HttpLoad implements Disposable {
  readonly #base: URL;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(url: string, token: string, connections: number) {
    this.#base = new URL(url);
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /**
   * From the sending to the end of the answer, in milliseconds.
   *
   * Rejects with DeskreelError `BENCH_FAILED` when the answer is no success: a fast failure is no result.
   */
  async send({ method, path, body: makeBody }: LoadRequest): Promise<number> {
    const body = makeBody?.();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const start = performance.now();
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(body !== undefined && {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      }),
    };
    const { hostname, port } = this.#base;
    const sent = request({ agent: this.#agent, hostname, port, path, method, headers }, (answer) => {
      answer.resume();
      answer.once("error", reject);
      answer.once("end", () => {
        const { statusCode = 0 } = answer;
        if (statusCode >= 200 && statusCode < 300) resolve(performance.now() - start);
        else reject(new DeskreelError("BENCH_FAILED", `${method} ${path} was answered ${statusCode}`));
      });
    });
    sent.once("error", reject);
    sent.end(body);
    return promise;
  }

  /** As fast as the answers come, with so many requests under way. */
  async closedLoop(requests: readonly LoadRequest[], inFlight: number): Promise<LoadResult> {
    const samplesMs: number[] = [];
    const left = requests.values();
    const start = performance.now();
    const workers = Array.from({ length: inFlight }, async () => {
      for (const next of left) samplesMs.push(await this.send(next));
    });
    await Promise.all(workers);
    return { samplesMs, tookMs: performance.now() - start };
  }

  /**
   * At a steady rate, whatever the answers: a slow one holds up nobody but itself. Latency counts from when a request was
   * due, so that one that this program was late to send counts as late.
   */
  async openLoop(requests: readonly LoadRequest[], perSecond: number): Promise<LoadResult> {
    const start = performance.now();
    const answers: Promise<number>[] = [];
    let fault: { cause: unknown } | null = null;
    for (const [index, next] of requests.entries()) {
      const dueMs = start + (index * 1_000) / perSecond;
      const earlyMs = dueMs - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      const lateMs = performance.now() - dueMs;
      const answer = this.send(next).then((tookMs) => tookMs + Math.max(lateMs, 0));
      answer.catch((cause: unknown) => (fault ??= { cause }));
      answers.push(answer);
      if (fault !== null) break;
    }
    return { samplesMs: await Promise.all(answers), tookMs: performance.now() - start };
  }
}
