/** `npm run soak -- events`: hours of chaos in minutes, judged. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { shutdownSignal } from "#shared/runtime/shutdown.ts";
import { REPOSITORY } from "../../build/repository.ts";
import type { ChaosOptions } from "./chaos-plan.ts";
import { describeSoak } from "./describe-soak.ts";
import { soakEvents } from "./soak-events.ts";

const USAGE = `usage: npm run soak -- events [--calls 200] [--kills 10] [--seed N]
  events   random calls through a Dynamics that misbehaves, the recorder killed at random moments; ledger against truth`;

/** @throws DeskreelError `BAD_ARGUMENTS`. */
function readArguments(args: string[]): ChaosOptions {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        calls: { type: "string", default: "200" },
        kills: { type: "string", default: "10" },
        seed: { type: "string", default: String(Math.trunc(Date.now() / 1_000) % 1_000_000) },
      },
    });
    const [calls, kills, seed] = [Number(values.calls), Number(values.kills), Number(values.seed)];
    const isGood = [calls, kills, seed].every((value) => Number.isInteger(value) && value >= 0) && calls > 0;
    if (positionals.length === 1 && positionals[0] === "events" && isGood) return { calls, kills, seed };
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
  }
  throw new DeskreelError("BAD_ARGUMENTS", USAGE);
}

/** Exit codes: 0 nothing is wrong, 1 something is or it was stopped, 2 the command line is wrong. */
async function main(): Promise<number> {
  const signal = shutdownSignal();
  try {
    const options = readArguments(process.argv.slice(2));
    const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
    say(
      `seed ${options.seed}; again: npm run soak -- events --calls ${options.calls} --kills ${options.kills} --seed ${options.seed}`,
    );
    const result = await soakEvents(options, say, signal);
    console.log(describeSoak(result));
    const folder = join(REPOSITORY, "soak-results");
    await mkdir(folder, { recursive: true });
    const at = new Date(result.startedAt).toISOString();
    const file = join(folder, `events-${at.replaceAll(/[:.]/g, "-")}-seed-${options.seed}.json`);
    await writeFile(file, `${JSON.stringify({ at, ...result }, null, 2)}\n`);
    say(`written to ${file}`);
    return result.faults.length === 0 ? 0 : 1;
  } catch (error) {
    if (signal.aborted) {
      process.stderr.write("stopped; nothing was judged\n");
      return 1;
    }
    if (!(error instanceof DeskreelError)) throw error;
    process.stderr.write(`${describeError(error)}\n`);
    return error.code === "BAD_ARGUMENTS" ? 2 : 1;
  }
}

process.exitCode = await main();
