import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Machine } from "../machine.ts";
import { describeMix } from "./mix.ts";
import { recordScreens } from "./record-screens.ts";
import type { Goal, RecorderResult } from "./recorder-report.ts";
import { coresOf, pssSlope, type ScreensCost } from "./screens-cost.ts";

/** What of the benchmark is wanted. */
export interface RecorderBenchOptions {
  /** For everybody's data. */
  folder: string;
  machine: Machine;
  /** Numbers of screens, one run each. */
  screens: readonly number[];
  /** Measured time of each run. */
  seconds: number;
  /** A folder for the CPU profile of the largest run; undefined: none is made. */
  profileInto: string | undefined;
  say: (text: string) => void;
}

/** What a run takes besides its measured time: starting, connecting, ringing, settling, sealing, reading back. */
const AROUND_EACH_RUN_S = 20;
const RAMP_S_PER_SCREEN = 0.02;

const SCREENS_PER_CORE = 800;

/** Records real screens' packets with a real recorder, more and more of them. */
export async function benchRecorder(options: RecorderBenchOptions): Promise<RecorderResult> {
  const { machine, screens, seconds, say } = options;
  say(`about ${Math.ceil(estimateSeconds(options) / 60)} minutes`);
  const costs: ScreensCost[] = [];
  const most = Math.max(...screens);
  if (options.profileInto !== undefined) await mkdir(options.profileInto, { recursive: true });
  for (const count of screens) {
    const profileInto = count === most ? options.profileInto : undefined;
    const cost = await inFolder(options.folder, (folder) =>
      recordScreens({ folder, codec: "vp9", screens: count, seconds, profileInto, say }),
    );
    costs.push(cost);
    say(`${count} screens: ${coresOf(cost).toFixed(3)} cores, ${cost.picturesLost} pictures lost`);
  }
  return {
    part: "recorder",
    machine,
    conditions: { "seconds each": seconds, mix: describeMix(), picture: "1920x1080, at most 5 a second" },
    costs,
    goals: judge(costs),
    skipped: [],
  };
}

function estimateSeconds({ screens, seconds }: RecorderBenchOptions): number {
  return screens.reduce((sum, count) => sum + seconds + AROUND_EACH_RUN_S + count * RAMP_S_PER_SCREEN, 0);
}

async function inFolder<Result>(above: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(above, "run-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function judge(costs: readonly ScreensCost[]): Goal[] {
  const largest = costs.toSorted((a, b) => a.screens - b.screens).at(-1);
  if (largest === undefined) return [];
  const perCore = largest.screens / coresOf(largest);
  const lost = costs.reduce((sum, { picturesLost }) => sum + picturesLost, 0);
  const sent = costs.reduce((sum, { picturesSent }) => sum + picturesSent, 0);
  const slope = pssSlope(costs);
  return [
    {
      goal: `>= ${SCREENS_PER_CORE} screens per core, recorder and worker`,
      found: `${perCore.toFixed(0)} with ${largest.screens} screens`,
      isMet: perCore >= SCREENS_PER_CORE,
    },
    { goal: "no picture lost", found: `${lost} of ${sent}`, isMet: lost === 0 },
    {
      goal: "memory of each further screen, recorder and worker",
      found: slope === null ? "needs two numbers of screens" : `${(slope / 1_000).toFixed(0)} kB PSS`,
      isMet: null,
    },
  ];
}
