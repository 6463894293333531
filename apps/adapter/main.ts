/**
 * `npm run adapter -- --config FILE`: takes recordings over, finds their audio, archives and shows interactions.
 * `npm run adapter -- reindex [--anew]` and `npm run adapter -- retention [--dry-run]`: see commands.ts.
 * `npm run adapter -- recover --from DATE [--to DATE]`: see recovery/recover-command.ts.
 */
import { parseArgs } from "node:util";
import { loadConfig } from "#shared/runtime/config.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { createLog } from "#shared/runtime/log.ts";
import { aborted, shutdownSignal } from "#shared/runtime/shutdown.ts";
import { trustForAll } from "#shared/runtime/trusted-authorities.ts";
import { type Adapter, startAdapter } from "./adapter.ts";
import { applyRetention, reindex } from "./commands.ts";
import { readInstant, recover } from "./recovery/recover-command.ts";

const COMMANDS = ["reindex", "retention", "recover"] as const;
const USAGE =
  "npm run adapter takes -- [reindex [--anew] | retention [--dry-run] | recover --from DATE [--to DATE]] [--config FILE]";

/** Errors that mending the command or the configuration cures. */
const BAD_USAGE = [
  "BAD_CONFIG",
  "BAD_CERTIFICATE",
  "BAD_CA_FILE",
  "BAD_ARGUMENTS",
  "BAD_SIGNING_KEY",
  "BAD_CHAIN",
  "BAD_S3_URL",
  "BAD_CREDENTIALS",
  "ARCHIVE_REFUSED",
];

process.exitCode = await main();

/** Ends with 0, with 1 when something failed, with 2 when it was configured wrongly. */
async function main(): Promise<number> {
  const signal = shutdownSignal();
  try {
    const { command, configFile, isDryRun, isAnew, range } = readArguments();
    const config = loadConfig(configFile);
    const { recorders, archive, caFile } = config.adapter;
    trustForAll([config.dynamics?.url, archive.url, ...recorders.map(({ url }) => url)], caFile);
    if (command !== null) {
      const say = (line: string) => void process.stdout.write(`${line}\n`);
      const options = { adapter: config.adapter, log: createLog("adapter", "warn"), say };
      if (range !== null) {
        const { log } = options;
        const tell = (line: string) => say(`recover: ${line}`);
        return (await recover({ config, range, log, say: tell, signal })) ? 0 : 1;
      }
      if (command === "reindex") return (await reindex(options, isAnew)) === 0 ? 0 : 1;
      await applyRetention(options, isDryRun);
      return 0;
    }
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

function readArguments() {
  const { values, positionals } = parseCommandLine();
  const command = COMMANDS.find((name) => name === positionals[0]) ?? null;
  const isKnown = positionals.length === (command === null ? 0 : 1);
  const isRecover = command === "recover";
  const { from, to, config: configFile, "dry-run": isDryRun, anew: isAnew } = values;
  const hasRange = from !== undefined || to !== undefined;
  if (
    !isKnown ||
    (isDryRun && command !== "retention") ||
    (isAnew && command !== "reindex") ||
    (hasRange && !isRecover)
  ) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE);
  }
  if (!isRecover) return { command, configFile, isDryRun, isAnew, range: null };
  if (from === undefined) throw new DeskreelError("BAD_ARGUMENTS", `recover needs --from; ${USAGE}`);
  const range = {
    from: readInstant("--from", from),
    to: to === undefined ? Date.now() : readInstant("--to", to),
  };
  if (range.from < range.to) return { command, configFile, isDryRun, isAnew, range };
  throw new DeskreelError("BAD_ARGUMENTS", "--to must be later than --from");
}

function parseCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        config: { type: "string" },
        "dry-run": { type: "boolean", default: false },
        anew: { type: "boolean", default: false },
        from: { type: "string" },
        to: { type: "string" },
      },
    });
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
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
    ...(process.stdout.isTTY ? [["as admin", `${adapter.url}/?token=${adapter.tokens.admin}`]] : []),
    ["operations", `${adapter.opsUrl}/readyz`],
    ["Dynamics", source],
    ["recorders", config.recorders.map(({ url }) => url).join(", ")],
    ["archive", adapter.archiveRoot],
    ["data", config.dataDir],
    ["secrets", `${config.tokensFile}, ${config.archive.signingKeyFile}`],
  ];
  return `Deskreel adapter\n${lines.map(([name = "", text]) => `  ${name.padEnd(11)}${text}\n`).join("")}`;
}
