import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError } from "#shared/runtime/errors.ts";
import type { Machine } from "../machine.ts";
import type { CorpusCodec } from "./corpus.ts";
import { startFfmpegWay } from "./ffmpeg-way.ts";
import { callElectron, callFastSenders, type FirstFrames } from "./first-frames.ts";
import { type ForeignRecorder, measureForeign } from "./foreign-way.ts";
import { janusIsMissing, startJanusWay } from "./janus-way.ts";
import { judge } from "./judge-recorder.ts";
import { describeMix } from "./mix.ts";
import { recordScreens } from "./record-screens.ts";
import type { RecorderResult } from "./recorder-report.ts";
import { coresOf, type ScreensCost } from "./screens-cost.ts";

/** What there is to measure: more and more screens; the price of DTLS-SRTP; other recorders; ring to first frame. */
export const STAGES = ["screens", "secure", "others", "first-frames"] as const;
export type Stage = (typeof STAGES)[number];

/** What of the benchmark is wanted. */
export interface RecorderBenchOptions {
  /** For everybody's data. */
  folder: string;
  machine: Machine;
  stages: readonly Stage[];
  /** Numbers of screens, one run each. */
  screens: readonly number[];
  /** Measured time of each run. */
  seconds: number;
  /** A file for a CPU profile of the run with the most screens; undefined: none is made. */
  profileInto: string | undefined;
  say: (text: string) => void;
}

/** With how many screens DTLS-SRTP is measured. */
const SECURE_SCREENS = 50;
/** With how many screens the others are compared; an ffmpeg for each of them takes much of a machine. */
const COMPARED_SCREENS = [10, 50];
/** ffmpeg 5.1 copies no VP9 from RTP, so all that are compared get H264. */
const COMPARED_CODEC = "h264";
const FAST_CALLS = 450;
const ELECTRON_CALLS = 50;

/** What a run takes besides its measured time: starting, connecting, ringing, settling, sealing, reading back. */
const AROUND_EACH_RUN_S = 20;
const RAMP_S_PER_SCREEN = 0.03;
const FAST_CALLS_S = 60;
const ELECTRON_CALL_S = 3;

/** Records real screens' packets with a real recorder, and with what others would take for it. */
export async function benchRecorder(options: RecorderBenchOptions): Promise<RecorderResult> {
  const { machine, seconds, stages, say } = options;
  say(`about ${Math.ceil(estimateSeconds(options) / 60)} minutes`);
  const costs: ScreensCost[] = [];
  const firstFrames: FirstFrames[] = [];
  const skipped: string[] = [];
  const failed: string[] = [];
  const measure: Record<Stage, () => Promise<void>> = {
    screens: () => measureScreens(options, costs),
    secure: () => measureSecure(options, costs),
    others: () => measureOthers(options, costs, skipped),
    "first-frames": () => measureFirstFrames(options, firstFrames),
  };
  // What was measured for minutes is told, whatever happens to the rest.
  for (const stage of stages) {
    await measure[stage]().catch((error: unknown) => {
      failed.push(`${stage}: ${describeError(error)}`);
      say(`${stage} failed: ${describeError(error)}`);
    });
  }
  return {
    part: "recorder",
    machine,
    conditions: { "seconds each": seconds, mix: describeMix(), picture: "1920x1080, at most 5 a second" },
    costs,
    firstFrames,
    goals: judge(costs, firstFrames),
    skipped,
    failed,
  };
}

function estimateSeconds({ stages, screens, seconds }: RecorderBenchOptions): number {
  const secure = stages.includes("secure") ? [SECURE_SCREENS, SECURE_SCREENS] : [];
  const others = stages.includes("others") ? COMPARED_SCREENS.flatMap((count) => [count, count, count]) : [];
  const runs = [...(stages.includes("screens") ? screens : []), ...secure, ...others];
  const calls = stages.includes("first-frames") ? FAST_CALLS_S + ELECTRON_CALLS * ELECTRON_CALL_S : 0;
  return runs.reduce((sum, count) => sum + seconds + AROUND_EACH_RUN_S + count * RAMP_S_PER_SCREEN, calls);
}

/** The recorder with more and more screens. */
async function measureScreens(options: RecorderBenchOptions, costs: ScreensCost[]): Promise<void> {
  const { screens, profileInto } = options;
  const most = Math.max(...screens);
  if (profileInto !== undefined) await mkdir(dirname(profileInto), { recursive: true });
  for (const count of screens)
    costs.push(await record(options, "vp9", count, count === most ? { profileInto } : {}));
}

/** The same number of screens with DTLS-SRTP, and without it if that was not measured yet. */
async function measureSecure(options: RecorderBenchOptions, costs: ScreensCost[]): Promise<void> {
  const isKnown = costs.some(({ screens }) => screens === SECURE_SCREENS);
  if (!isKnown) costs.push(await record(options, "vp9", SECURE_SCREENS));
  costs.push(await record(options, "vp9", SECURE_SCREENS, { isSecure: true }));
}

/** The recorder and what others would take for it, all with the same packets. */
async function measureOthers(
  options: RecorderBenchOptions,
  costs: ScreensCost[],
  skipped: string[],
): Promise<void> {
  const missing = janusIsMissing();
  if (missing !== null) skipped.push(missing);
  for (const count of COMPARED_SCREENS) {
    costs.push(await record(options, COMPARED_CODEC, count));
    costs.push(await foreign(options, (folder) => startFfmpegWay(folder, COMPARED_CODEC, count)));
    if (missing === null)
      costs.push(await foreign(options, (folder) => startJanusWay(folder, COMPARED_CODEC, count)));
  }
}

async function measureFirstFrames(
  { folder, say }: RecorderBenchOptions,
  firstFrames: FirstFrames[],
): Promise<void> {
  say(`${FAST_CALLS} calls at senders that send at once`);
  firstFrames.push(await inFolder(folder, (own) => callFastSenders(own, FAST_CALLS)));
  firstFrames.push(await inFolder(folder, (own) => callElectron(own, ELECTRON_CALLS, say)));
}

async function record(
  { folder, seconds, say }: RecorderBenchOptions,
  codec: CorpusCodec,
  screens: number,
  { isSecure = false, profileInto }: { isSecure?: boolean; profileInto?: string | undefined } = {},
): Promise<ScreensCost> {
  const cost = await inFolder(folder, (own) =>
    recordScreens({ folder: own, codec, screens, seconds, isSecure, profileInto, say }),
  );
  say(describe(cost));
  return cost;
}

async function foreign(
  { folder, seconds, say }: RecorderBenchOptions,
  start: (folder: string) => Promise<ForeignRecorder>,
): Promise<ScreensCost> {
  const cost = await inFolder(folder, async (own) => {
    await using recorder = await start(own);
    say(`${recorder.targets.length} screens to ${recorder.way}, measured for ${seconds} s`);
    // Not before it is measured may it be disposed of.
    return await measureForeign(recorder, COMPARED_CODEC, seconds);
  });
  say(describe(cost));
  return cost;
}

function describe(cost: ScreensCost): string {
  return `${cost.way}, ${cost.screens} screens: ${coresOf(cost).toFixed(3)} cores, ${cost.picturesLost} pictures lost`;
}

async function inFolder<Result>(above: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(above, "run-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
