/** `npm run adapter -- --config FILE`: takes recordings over, finds their audio, archives and shows interactions. */
import { parseArgs } from "node:util";
import { loadConfig } from "#shared/runtime/config.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { createLog } from "#shared/runtime/log.ts";
import { aborted, shutdownSignal } from "#shared/runtime/shutdown.ts";
import { type Adapter, startAdapter } from "./adapter.ts";

/** Errors that mending the command or the configuration cures. */
const BAD_USAGE = ["BAD_CONFIG", "BAD_ARGUMENTS", "NOT_BUILT_YET", "BAD_SIGNING_KEY", "BAD_CHAIN"];

process.exitCode = await main();

/** Ends with 0, with 1 when something failed, with 2 when it was configured wrongly. */
async function main(): Promise<number> {
  const signal = shutdownSignal();
  try {
    const config = loadConfig(readConfigArgument());
    await using adapter = await startAdapter({
      adapter: config.adapter,
      dynamics: config.dynamics,
      log: createLog("adapter"),
    });
    process.stdout.write(startUpText(adapter, config));
    await Promise.race([aborted(signal), adapter.failed]);
    return 0;
  } catch (error) {
    const isKnown = error instanceof DeskreelError;
    // Only what nobody foresaw needs the place in the code.
    const text = isKnown ? describeError(error) : ((error as Error).stack ?? String(error));
    process.stderr.write(`The adapter cannot run: ${text}\n`);
    return isKnown && BAD_USAGE.includes(error.code) ? 2 : 1;
  }
}

function readConfigArgument(): string | undefined {
  try {
    return parseArgs({ options: { config: { type: "string" } } }).values.config;
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", "npm run adapter takes -- --config FILE", { cause });
  }
}

function startUpText(adapter: Adapter, { adapter: config, dynamics }: ReturnType<typeof loadConfig>): string {
  const { readyAfterS, audioSettleS, audioTimeoutS } = config.stitch;
  const source =
    dynamics === undefined
      ? `none configured: no audio, interactions are ready ${readyAfterS} s after their last recording`
      : `${dynamics.url}  recordings polled every ${dynamics.recordingsPollEveryS} s, audio settles ${audioSettleS} s, awaited ${audioTimeoutS} s`;
  const lines = [
    // A token belongs on a person's screen, not into a log.
    ["replay", process.stdout.isTTY ? `${adapter.url}/?token=${adapter.tokens.viewer}` : adapter.url],
    ["operations", `${adapter.opsUrl}/readyz`],
    ["Dynamics", source],
    ["recorders", config.recorders.map(({ url }) => url).join(", ")],
    ["archive", adapter.archiveRoot],
    ["data", config.dataDir],
    ["secrets", `${config.tokensFile}, ${config.archive.signingKeyFile}`],
  ];
  return `Deskreel adapter\n${lines.map(([name = "", text]) => `  ${name.padEnd(11)}${text}\n`).join("")}`;
}
