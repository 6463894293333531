/** `npm run soak -- events`, `media`, `stitch` and `lease`: hours of chaos in minutes, judged; `properties` and `budgets`: what takes long. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { shutdownSignal } from "#shared/runtime/shutdown.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { describeSoak } from "./describe-soak.ts";
import { describeLeaseSoak } from "./lease/describe-lease-soak.ts";
import { soakLease } from "./lease/soak-lease.ts";
import { describeMediaSoak } from "./media/describe-media-soak.ts";
import { soakMedia } from "./media/soak-media.ts";
import { soakEvents } from "./soak-events.ts";
import { soakBudgets } from "./soak-budgets.ts";
import { describeProperties, soakProperties } from "./soak-properties.ts";
import { describeStitchSoak } from "./stitch/describe-stitch-soak.ts";
import { soakStitch } from "./stitch/soak-stitch.ts";

const LEASED_DESKTOPS = 20;

const USAGE = `usage: npm run soak -- events [--calls 200] [--kills 10] [--seed N]
       npm run soak -- media [--kills 100] [--displays 3] [--seed N]
       npm run soak -- stitch [--kills 50] [--seed N]
       npm run soak -- lease [--kills 30] [--seed N]
       npm run soak -- properties [--seed N]
       npm run soak -- budgets
  events   random calls through a Dynamics that misbehaves, the recorder killed at random moments; ledger against truth
  media    real RTP into a recorder that is killed at random moments; files, catalogue and coverage against what it was given
  stitch   calls into an adapter that is killed at random moments, its ffmpegs too, on a disk that is full at times; archive against the calls
  lease    a recorder that is killed in calls and stays dead; whether any desktop captures after its time
  properties  all cases of the property tests of which npm test tries a tenth
  budgets  a desktop that lowers itself for its uplink budget, and all the way back`;

/** A soak that is asked for: what to say to have it again, and what does it. */
interface Soak {
  part: "events" | "media" | "stitch" | "lease" | "properties" | "budgets";
  seed: number;
  again: string;
  run: (
    say: (line: string) => void,
    signal: AbortSignal,
  ) => Promise<{ result: { startedAt: number; faults: readonly string[] }; text: string }>;
}

/** @throws DeskreelError `BAD_ARGUMENTS`. */
function readArguments(args: string[]): Soak {
  const { values, positionals } = parse(args);
  const [part = "", ...others] = positionals;
  const number = (value: string | undefined, fallback: number) =>
    value === undefined ? fallback : Number(value);
  const seed = number(values.seed, Math.trunc(Date.now() / 1_000) % 1_000_000);
  const kills = number(values.kills, { media: 100, stitch: 50, lease: 30 }[part] ?? 10);
  const [calls, displays] = [number(values.calls, 200), number(values.displays, 3)];
  const isGood = [seed, kills, calls, displays].every((value) => Number.isInteger(value) && value >= 0);
  const isOfOther =
    (part !== "events" && values.calls !== undefined) ||
    (part !== "media" && values.displays !== undefined) ||
    (["properties", "budgets"].includes(part) && values.kills !== undefined) ||
    (part === "budgets" && values.seed !== undefined);
  if (!isGood || isOfOther || calls === 0 || displays === 0 || others.length > 0)
    throw new DeskreelError("BAD_ARGUMENTS", USAGE);
  switch (part) {
    case "events":
      return {
        ...{ part, seed, again: `events --calls ${calls} --kills ${kills} --seed ${seed}` },
        async run(say, signal) {
          const result = await soakEvents({ calls, kills, seed }, say, signal);
          return { result, text: describeSoak(result) };
        },
      };
    case "media":
      return {
        ...{ part, seed, again: `media --kills ${kills} --displays ${displays} --seed ${seed}` },
        async run(say, signal) {
          const result = await soakMedia({ kills, displays, seed }, say, signal);
          return { result, text: describeMediaSoak(result) };
        },
      };
    case "stitch":
      return {
        ...{ part, seed, again: `stitch --kills ${kills} --seed ${seed}` },
        async run(say, signal) {
          const result = await soakStitch({ kills, seed }, say, signal);
          return { result, text: describeStitchSoak(result) };
        },
      };
    case "lease":
      return {
        ...{ part, seed, again: `lease --kills ${kills} --seed ${seed}` },
        async run(say, signal) {
          const result = await soakLease({ kills, seed, desktops: LEASED_DESKTOPS }, say, signal);
          return { result, text: describeLeaseSoak(result) };
        },
      };
    case "properties":
      return {
        ...{ part, seed, again: `properties --seed ${seed}` },
        async run() {
          const result = await soakProperties(seed);
          return { result, text: describeProperties(result) };
        },
      };
    case "budgets":
      return {
        ...{ part, seed, again: "budgets" },
        async run() {
          const result = await soakBudgets();
          return { result, text: `${result.tests.passed} tests passed, ${result.tests.failed} failed` };
        },
      };
    default:
      throw new DeskreelError("BAD_ARGUMENTS", USAGE);
  }
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { calls: text, kills: text, displays: text, seed: text },
    });
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
  }
}

/** Exit codes: 0 nothing is wrong, 1 something is or it was stopped, 2 the command line is wrong. */
async function main(): Promise<number> {
  const signal = shutdownSignal();
  try {
    const { part, seed, again, run } = readArguments(process.argv.slice(2));
    const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
    say(`seed ${seed}; again: npm run soak -- ${again}`);
    const { result, text } = await run(say, signal);
    console.log(text);
    const folder = join(REPOSITORY, "soak-results");
    await mkdir(folder, { recursive: true });
    const at = new Date(result.startedAt).toISOString();
    const file = join(folder, `${part}-${at.replaceAll(/[:.]/g, "-")}-seed-${seed}.json`);
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
