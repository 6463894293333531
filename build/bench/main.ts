/** `npm run bench [part]`: measures what is promised, on this machine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { benchCatalogue } from "./catalogue-bench.ts";
import { benchEvents, benchWebhook } from "./events-bench.ts";
import { describeMachine } from "./machine.ts";
import { describeResult, keepResult } from "./results.ts";

const PARTS = ["events", "webhook", "catalogue"] as const;
type Part = (typeof PARTS)[number];

const USAGE = `usage: npm run bench [-- [${PARTS.join("|")}] [--recordings N] [--seconds N]]
  events      call events over HTTP into a recorder
  webhook     posts of Dataverse's webhook into a recorder
  catalogue   lists, ledger, hand-off and events with many recordings (default 1000000; needs 8 GB of disk and minutes)`;

interface Wanted {
  parts: readonly Part[];
  recordings: number;
  seconds: number;
}

function readArguments(args: string[]): Wanted {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        recordings: { type: "string", default: "1000000" },
        seconds: { type: "string", default: "20" },
      },
    });
    const parts = positionals.map((name) => PARTS.find((part) => part === name));
    const [recordings, seconds] = [Number(values.recordings), Number(values.seconds)];
    const isGood = [recordings, seconds].every((value) => Number.isInteger(value) && value > 0);
    if (parts.every((part) => part !== undefined) && isGood)
      return { parts: parts.length > 0 ? parts : PARTS, recordings, seconds };
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
  }
  throw new DeskreelError("BAD_ARGUMENTS", USAGE);
}

async function run(part: Part, { recordings, seconds }: Wanted): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `deskreel-bench-${part}-`));
  const say = (text: string) => process.stderr.write(`${part}: ${text}\n`);
  try {
    const machine = await describeMachine(folder);
    const options = { folder, seconds, say };
    const conditions = { seconds, ...(part === "catalogue" && { recordings }) };
    const measured =
      part === "catalogue"
        ? await benchCatalogue({ ...options, recordings })
        : await { events: benchEvents, webhook: benchWebhook }[part](options);
    const result = { part, machine, conditions, measured };
    console.log(`${describeResult(result)}\n`);
    say(`written to ${await keepResult(result, new Date())}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  const wanted = readArguments(process.argv.slice(2));
  for (const part of wanted.parts) await run(part, wanted);
} catch (error) {
  if (!(error instanceof DeskreelError)) throw error;
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = error.code === "BAD_ARGUMENTS" ? 2 : 1;
}
