import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Latencies, sortOut } from "./latencies.ts";

const PROBE_EVERY_MS = 10;

/**
 * Asks a server again and again for something that costs it nothing: the answers take as long as its event loop is taken
 * by something else. Media shares that loop.
 */
export async function probeLoop<Result>(
  opsUrl: string,
  work: () => Promise<Result>,
): Promise<{ result: Result; probed: Latencies }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const samplesMs: number[] = [];
  const over = new AbortController();
  const probing = (async () => {
    do {
      samplesMs.push(await askHealth(opsUrl, agent));
      await sleep(PROBE_EVERY_MS);
    } while (!over.signal.aborted);
  })();
  try {
    const [result] = await Promise.all([work().finally(() => over.abort()), probing]);
    return { result, probed: sortOut(samplesMs) };
  } finally {
    over.abort();
    agent.destroy();
  }
}

function askHealth(opsUrl: string, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const start = performance.now();
  get(`${opsUrl}/healthz`, { agent }, (answer) => {
    answer.resume();
    answer.once("end", () => resolve(performance.now() - start));
    answer.once("error", reject);
  }).once("error", reject);
  return promise;
}
