import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { readToken } from "#shared/runtime/tokens-file.ts";
import { freePort } from "../../e2e/rig/ports.ts";
import { failsToStart, startProgram } from "../../e2e/rig/program.ts";
import { waitFor } from "../../e2e/rig/wait.ts";
import { REPOSITORY } from "../repository.ts";
import { readProcessorMs } from "./process-cost.ts";

const READY_WITHIN_MS = 120_000;

/** A recorder as a process of its own, as `npm run recorder` starts it. */
export interface BenchRecorder extends AsyncDisposable {
  url: string;
  opsUrl: string;
  pid: number;
  bufferDir: string;
  /** One JSON object a line. */
  logFile: string;
  tokens: { integration: string; admin: string; adapter: string; webhookKey: string; enrollment: string };
  /** From its start until it was ready. */
  startedInMs: number;
  /** What it has taken of the processors since its start, in milliseconds; all its threads together. */
  processorMs(): Promise<number>;
}

/** What differs from an ordinary recorder. */
export interface BenchRecorderOptions {
  /** The configuration's section, if it is to follow a Dynamics. */
  dynamics?: object;
  /** Merged into the configuration's section `recorder`. */
  recorder?: object;
  /** Node's own arguments. */
  nodeArguments?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** @param folder - has the call buffer in `buffer/`, or gets one. */
export async function startBenchRecorder(
  folder: string,
  { dynamics, recorder: settings, nodeArguments = [], env }: BenchRecorderOptions = {},
): Promise<BenchRecorder> {
  const [http, ops, media] = await Promise.all([freePort(), freePort(), freePort()]);
  const tokensFile = join(folder, "recorder-tokens.json");
  const configFile = join(folder, "deskreel.yaml");
  const bufferDir = join(folder, "buffer");
  const recorder = {
    http: { port: http },
    ops: { port: ops },
    webrtc: { port: media },
    bufferDir,
    tokensFile,
    ...settings,
  };
  await writeFile(configFile, stringify({ recorder, ...(dynamics && { dynamics }) }));
  const startedAt = performance.now();
  const main = join(REPOSITORY, "apps/recorder/main.ts");
  // Its log goes straight into a file: a pipe to this program, which is busy, would hold it up.
  const script = 'log="$1"; shift; exec "$@" 2>>"$log"';
  const command = [process.execPath, ...nodeArguments, main, "--config", configFile];
  const logFile = join(folder, "recorder.log");
  const program = await startProgram("the recorder", "sh", ["-c", script, "sh", logFile, ...command], {
    ...(env && { env }),
  });
  const opsUrl = `http://127.0.0.1:${ops}`;
  const isReady = async () => {
    const answer = await fetch(`${opsUrl}/readyz`).catch(() => null);
    return answer?.ok === true ? true : undefined;
  };
  try {
    await Promise.race([
      waitFor("the recorder to be ready", isReady, { withinMs: READY_WITHIN_MS }),
      failsToStart(program, READY_WITHIN_MS),
    ]);
    return {
      url: `http://127.0.0.1:${http}`,
      opsUrl,
      pid: program.pid,
      bufferDir,
      logFile,
      startedInMs: performance.now() - startedAt,
      processorMs: () => readProcessorMs(program.pid),
      tokens: {
        integration: await readToken(tokensFile, "integration"),
        admin: await readToken(tokensFile, "admin"),
        adapter: await readToken(tokensFile, "adapter"),
        webhookKey: await readToken(tokensFile, "webhookKey"),
        enrollment: await readToken(tokensFile, "enrollment"),
      },
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}
