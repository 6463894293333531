import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { readProcessorMs, readPssBytes } from "../process-cost.ts";
import type { CorpusCodec } from "./corpus.ts";
import { Feeder } from "./feeder.ts";
import type { ScreenTarget } from "./fed-screen.ts";
import { machineMs } from "./machine-time.ts";
import { type ProcessCost, type ScreensCost, trafficBetween } from "./screens-cost.ts";

const SCREEN_EVERY_MS = 15;
const SETTLE_MS = 3_000;
/** Until what was sent last has been taken. */
const DRAIN_MS = 2_500;

/** Other people's recorders of the same packets, ready to be sent to. Disposing ends their programs. */
export interface ForeignRecorder extends AsyncDisposable {
  way: string;
  /** By screen. */
  targets: ScreenTarget[];
  /** Processes by kind. */
  pids: Record<string, readonly number[]>;
  /** Ends the recording, so that the files are complete, and returns one for each screen. */
  finish(): Promise<string[]>;
  /** Pictures in one of these files. */
  countPictures(file: Buffer): number;
}

/** Feeds them as many screens as they are ready for, and tells what they cost. */
export async function measureForeign(
  recorder: ForeignRecorder,
  codec: CorpusCodec,
  seconds: number,
): Promise<ScreensCost> {
  await using feeder = await Feeder.start();
  const { targets, pids, way } = recorder;
  await feeder.ask({ t: "feed", codec, targets, overMs: targets.length * SCREEN_EVERY_MS });
  await sleep(SETTLE_MS);
  const before = await feeder.ask({ t: "watch", screens: [] });
  const from = machineMs();
  const processorBefore = await byKind(pids, readProcessorMs);
  await sleep(seconds * 1_000);
  const processorAfter = await byKind(pids, readProcessorMs);
  const measuredSeconds = (machineMs() - from) / 1_000;
  const memory = await byKind(pids, readPssBytes);
  const after = await feeder.ask({ t: "look" });
  const ended = await feeder.ask({ t: "end" });
  await sleep(DRAIN_MS);
  const files = await recorder.finish();
  const kept = await Promise.all(
    files.map(async (file) => (existsSync(file) ? recorder.countPictures(await readFile(file)) : 0)),
  );
  const processes: Record<string, ProcessCost> = {};
  for (const kind of Object.keys(pids)) {
    processes[kind] = {
      processor: ((processorAfter[kind] ?? 0) - (processorBefore[kind] ?? 0)) / 1_000,
      pssBytes: memory[kind] ?? 0,
    };
  }
  return {
    way,
    screens: targets.length,
    codec,
    seconds: measuredSeconds,
    processes,
    ...trafficBetween(before, after, measuredSeconds),
    picturesSent: ended.screens.reduce((sum, { pictures }) => sum + pictures, 0),
    picturesLost: ended.screens.reduce(
      (sum, { pictures }, screen) => sum + Math.max(0, pictures - (kept[screen] ?? 0)),
      0,
    ),
    packetsRepeated: ended.screens.reduce((sum, { repeated }) => sum + repeated, 0),
    loop: null,
    written: null,
    durable: null,
    feederLatenessP99Ms: after.latenessP99Ms,
  };
}

/** The sum of a figure over the processes of each kind that run. */
async function byKind(
  pids: ForeignRecorder["pids"],
  read: (pid: number) => Promise<number>,
): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [kind, some] of Object.entries(pids)) {
    // One that has ended costs nothing more; its pictures are missing then.
    const figures = await Promise.allSettled(some.map(read));
    sums[kind] = figures.reduce((sum, figure) => sum + (figure.status === "fulfilled" ? figure.value : 0), 0);
  }
  return sums;
}
