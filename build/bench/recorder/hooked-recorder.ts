import { request } from "node:http";
import { join } from "node:path";
import { type BenchRecorder, type BenchRecorderOptions, startBenchRecorder } from "../bench-recorder.ts";
import { childrenOf } from "../process-cost.ts";
import type { HookFigures, HookOptions } from "./hook-options.ts";

/** A real recorder with the benchmark's hooks in it. */
export interface HookedRecorder extends BenchRecorder {
  /** mediasoup's worker processes. */
  workerPids: readonly number[];
  /** From now on the hooks measure. */
  beginMeasuring(): Promise<void>;
  figures(): Promise<HookFigures>;
}

/**
 * @param folder - for its data.
 * @param hooks - what its hooks do besides measuring.
 */
export async function startHookedRecorder(
  folder: string,
  hooks: Omit<HookOptions, "socket">,
  options: BenchRecorderOptions = {},
): Promise<HookedRecorder> {
  const socket = join(folder, "hooks.sock");
  const recorder = await startBenchRecorder(folder, {
    ...options,
    nodeArguments: ["--import", join(import.meta.dirname, "recorder-hooks.ts")],
    env: { ...options.env, DESKREEL_BENCH_HOOKS: JSON.stringify({ ...hooks, socket }) },
  });
  return {
    ...recorder,
    workerPids: await childrenOf(recorder.pid),
    async beginMeasuring() {
      await ask(socket, "/begin");
    },
    figures: () => ask(socket, "/figures"),
    [Symbol.asyncDispose]: () => recorder[Symbol.asyncDispose](),
  };
}

function ask(socketPath: string, path: string): Promise<HookFigures> {
  const { promise, resolve, reject } = Promise.withResolvers<HookFigures>();
  request({ socketPath, path }, (answer) => {
    let body = "";
    answer.setEncoding("utf8");
    answer.on("data", (chunk: string) => {
      body += chunk;
    });
    answer.once("end", () => resolve(JSON.parse(body) as HookFigures));
    answer.once("error", reject);
  })
    .once("error", reject)
    .end();
  return promise;
}
