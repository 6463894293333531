// First: see there.
import "./thread-pool.ts";
import { parseArgs } from "node:util";
import { loadConfig } from "#shared/runtime/config.ts";
import type { DynamicsConfig, RecorderConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { createLog } from "#shared/runtime/log.ts";
import { aborted, shutdownSignal } from "#shared/runtime/shutdown.ts";
import { trustForAll } from "#shared/runtime/trusted-authorities.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { requestBudget } from "./dynamics/request-budget.ts";
import { type Recorder, startRecorder } from "./recorder.ts";
import { reloader } from "./reload.ts";

/** Errors that mending the configuration cures. */
const BAD_USAGE = ["BAD_CONFIG", "BAD_CERTIFICATE"];
const USAGE = "usage: npm run recorder [-- --config FILE]";

/** Exit codes: 0 ended by SIGINT or SIGTERM, 1 cannot run, 2 the command line or the configuration is wrong. */
async function main(): Promise<number> {
  let file: string | undefined;
  try {
    file = parseArgs({ options: { config: { type: "string" } } }).values.config;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n${USAGE}\n`);
    return 2;
  }
  // A terminal that closes hangs up too; without one, SIGHUP is how services are told to read their configuration again.
  const isReloadable = !process.stdin.isTTY;
  const signal = isReloadable ? shutdownSignal(["SIGINT", "SIGTERM"]) : shutdownSignal();
  let reload = () => {};
  if (isReloadable) process.on("SIGHUP", () => reload());
  const log = createLog("recorder");
  const clock = new WallClock();
  try {
    const started = loadConfig(file);
    const { recorder: config, dynamics } = started;
    trustForAll([dynamics?.url], null);
    await using recorder = await startRecorder({ recorder: config, dynamics }, log, clock);
    const setCapturePolicy = recorder.setCapturePolicy.bind(recorder);
    reload = reloader({ file, started, setCapturePolicy, log });
    if (process.stdout.isTTY) process.stdout.write(startText(config, dynamics, recorder));
    const failure = await Promise.race([aborted(signal), recorder.failed]);
    if (failure === undefined) return 0;
    log.error({ err: failure }, "recorder cannot go on");
    return 1;
  } catch (error) {
    if (!(error instanceof DeskreelError)) throw error;
    process.stderr.write(`${describeError(error)}\n`);
    return BAD_USAGE.includes(error.code) ? 2 : 1;
  }
}

function startText(config: RecorderConfig, dynamics: DynamicsConfig | undefined, recorder: Recorder): string {
  const { listenIp, announcedAddress, port } = config.webrtc;
  return `
Deskreel recorder
  call events, hand-off   ${recorder.url}
  Dynamics                ${describeEvents(dynamics, recorder)}
  desktops                ${recorder.url.replace(/^http/, "ws")}/v1/agent
  media (UDP and TCP)     ${announcedAddress ?? listenIp}:${port}
  health, metrics         ${recorder.opsUrl}
  call buffer             ${config.bufferDir}
  tokens                  ${config.tokensFile} (made at the first start, keep it secret)

Ctrl-C stops it; recordings under way go on at the next start.

`;
}

/** Where call events come from, and what that costs of Dataverse's limits. */
function describeEvents(dynamics: DynamicsConfig | undefined, recorder: Recorder): string {
  if (dynamics === undefined || dynamics.events === "none")
    return "is not followed: call events by POST only";
  const { words } = requestBudget({ ...dynamics, events: dynamics.events });
  return dynamics.events === "poll"
    ? `${dynamics.url} is asked: ${words}`
    : `${dynamics.url} posts to ${recorder.url}/v1/dataverse-webhook?code=(webhookKey of the tokens file) and is asked: ${words}`;
}

process.exitCode = await main();
