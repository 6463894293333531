/** `npm run bench [part]`: measures what is promised, on this machine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CODECS, type Codec } from "#shared/api/recording.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { benchAdapter } from "./adapter/adapter-bench.ts";
import { describeAdapterResult } from "./adapter/adapter-report.ts";
import { benchArchive } from "./archive-bench.ts";
import { filledArchive } from "./fill-archive.ts";
import { benchFind } from "./find-bench.ts";
import { benchCatalogue } from "./catalogue-bench.ts";
import { benchEvents, benchWebhook } from "./events-bench.ts";
import { benchDesktop, SITUATIONS, type Situation } from "./desktop/desktop-bench.ts";
import { describeDesktopResult } from "./desktop/desktop-report.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { benchReplay } from "./replay/replay-bench.ts";
import { benchRecorder, STAGES, type Stage } from "./recorder/recorder-bench.ts";
import { describeRecorderResult } from "./recorder/recorder-report.ts";
import { benchWriters } from "./writers/writers-bench.ts";
import { describeResult, keepResult, type KeptResult, RESULTS_FOLDER } from "./results.ts";

const PARTS = [
  "events",
  "webhook",
  "catalogue",
  "archive",
  "find",
  "adapter",
  "writers",
  "recorder",
  "desktop",
  "replay",
] as const;
type Part = (typeof PARTS)[number];

const DEFAULT_SCREENS = "10,50,100,200,400,800";
/** A minute has a segment's cut of every screen in it. */
const DEFAULT_SECONDS: Record<Part, number> = {
  events: 20,
  webhook: 20,
  catalogue: 20,
  archive: 20,
  find: 0,
  writers: 20,
  adapter: 0,
  replay: 0,
  recorder: 60,
  desktop: 60,
};

const USAGE = `usage: npm run bench [-- [${PARTS.join("|")}] [--recordings N] [--seconds N] [--runs N] [--screens N,N,…] [--stages S,S,…] [--profile] [--situations S,S,…] [--codecs C,C,…] [--monitors N] [--folder FOLDER]]
  events      call events over HTTP into a recorder
  webhook     posts of Dataverse's webhook into a recorder
  catalogue   lists, ledger, hand-off and events with many recordings (default 1000000; needs 8 GB of disk and minutes)
  archive     lists and searches of an archive with as many interactions
  find        the replay page's list over as many interactions in Chromium, from the last key to the rows that are drawn
  writers     clusters of as many screens written by libuv's threads and by threads of our own
  adapter     calls of 10 and 60 minutes, stitched and archived, each as often as --runs says (default 3)
  recorder    screens into a recorder (default ${DEFAULT_SCREENS}, ${DEFAULT_SECONDS.recorder} seconds each), in stages: ${STAGES.join(",")}
  replay      opening a call of an hour in Chromium, seeking, hovering and playing in it
  desktop     what the tray app takes of a PC, in --situations: ${SITUATIONS.join(",")} (default idle,static,mix; down = there is no recorder)
--seconds is how long each is measured; --profile keeps a CPU profile of the recorder with the most screens
--folder keeps what archive and find fill (11 minutes and 2.8 GB for a million), and takes what is there from another run`;

interface Wanted {
  parts: readonly Part[];
  recordings: number;
  /** Null: each part's own. */
  seconds: number | null;
  runs: number;
  screens: readonly number[];
  stages: readonly Stage[];
  profile: boolean;
  situations: readonly Situation[];
  codecs: readonly Codec[];
  monitors: number;
  /** Where a filled archive is kept; null: nowhere. */
  kept: string | null;
}

function readArguments(args: string[]): Wanted {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        recordings: { type: "string", default: "1000000" },
        seconds: { type: "string" },
        runs: { type: "string", default: "3" },
        screens: { type: "string", default: DEFAULT_SCREENS },
        stages: { type: "string", default: STAGES.join(",") },
        profile: { type: "boolean", default: false },
        situations: { type: "string", default: "idle,static,mix" },
        codecs: { type: "string", default: "vp9" },
        monitors: { type: "string", default: "1" },
        folder: { type: "string" },
      },
    });
    const parts = positionals.map((name) => PARTS.find((part) => part === name));
    const recordings = Number(values.recordings);
    const seconds = values.seconds === undefined ? null : Number(values.seconds);
    const runs = Number(values.runs);
    const screens = values.screens.split(",").map(Number);
    const stages = values.stages.split(",").map((name) => STAGES.find((stage) => stage === name));
    const situations = values.situations.split(",").map((name) => SITUATIONS.find((known) => known === name));
    const codecs = values.codecs.split(",").map((name) => CODECS.find((codec) => codec === name));
    const monitors = Number(values.monitors);
    const numbers = [monitors, recordings, seconds ?? 1, runs, ...screens];
    const isGood = numbers.every((value) => Number.isInteger(value) && value > 0);
    if (isGood && areKnown(parts) && areKnown(stages) && areKnown(situations) && areKnown(codecs)) {
      const { profile } = values;
      const kept = values.folder ?? null;
      const wanted = { recordings, seconds, runs, screens, stages, profile, situations, codecs, monitors };
      return { parts: parts.length > 0 ? parts : PARTS, kept, ...wanted };
    }
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
  }
  throw new DeskreelError("BAD_ARGUMENTS", USAGE);
}

function areKnown<Name>(names: (Name | undefined)[]): names is Name[] {
  return names.every((name) => name !== undefined);
}

async function run(part: Part, wanted: Wanted): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `deskreel-bench-${part}-`));
  const say = (text: string) => process.stderr.write(`${part}: ${text}\n`);
  try {
    const machine = await describeMachine(folder);
    const seconds = wanted.seconds ?? DEFAULT_SECONDS[part];
    const { described, result } = await measure(part, { ...wanted, folder, machine, seconds, say });
    console.log(`${described}\n`);
    say(`written to ${await keepResult(result, new Date())}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Conditions extends Wanted {
  folder: string;
  machine: Machine;
  seconds: number;
  say: (text: string) => void;
}

async function measure(part: Part, options: Conditions): Promise<{ described: string; result: KeptResult }> {
  const { machine, seconds, recordings } = options;
  if (part === "recorder") {
    const profileInto = options.profile ? join(RESULTS_FOLDER, "recorder.cpuprofile") : undefined;
    const result = await benchRecorder({ ...options, profileInto });
    if (result.failed.length > 0) process.exitCode = 1;
    return { described: describeRecorderResult(result), result };
  }
  if (part === "desktop") {
    const result = await benchDesktop(options);
    return { described: describeDesktopResult(result), result };
  }
  if (part === "writers") {
    const result = await benchWriters(options.folder, options);
    return { described: describeResult(result), result };
  }
  if (part === "adapter") {
    const result = await benchAdapter(options);
    return { described: describeAdapterResult(result), result };
  }
  if (part === "replay") {
    const { measured, conditions } = await benchReplay(options);
    const result = { part, machine, conditions, measured };
    return { described: describeResult(result), result };
  }
  if (part === "archive" || part === "find") {
    const { folder, kept, say } = options;
    const archive = await filledArchive(join(kept ?? folder, "adapter.db"), recordings, say);
    const measured = await { archive: benchArchive, find: benchFind }[part](folder, archive, say);
    const result = {
      part,
      machine,
      conditions: { interactions: recordings, ...archive.conditions },
      measured,
    };
    return { described: describeResult(result), result };
  }
  const conditions = { seconds, ...(part === "catalogue" && { recordings }) };
  const measured =
    part === "catalogue"
      ? await benchCatalogue(options)
      : await { events: benchEvents, webhook: benchWebhook }[part](options);
  const result = { part, machine, conditions, measured };
  return { described: describeResult(result), result };
}

try {
  const wanted = readArguments(process.argv.slice(2));
  for (const part of wanted.parts) await run(part, wanted);
} catch (error) {
  if (!(error instanceof DeskreelError)) throw error;
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = error.code === "BAD_ARGUMENTS" ? 2 : 1;
}
