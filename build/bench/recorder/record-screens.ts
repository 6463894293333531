import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { Recording } from "#shared/api/recording.ts";
import { postEvents } from "../../../e2e/rig/events.ts";
import { waitFor } from "../../../e2e/rig/wait.ts";
import { sortOut } from "../latencies.ts";
import { readProcessorMs, readPssBytes } from "../process-cost.ts";
import type { CorpusCodec } from "./corpus.ts";
import { Feeder } from "./feeder.ts";
import { agentOf, type FeederLook } from "./feeder-protocol.ts";
import { type HookedRecorder, startHookedRecorder } from "./hooked-recorder.ts";
import { machineMs } from "./machine-time.ts";
import { countFrames, listRecordings } from "./recorded-files.ts";
import { type ProcessCost, type ScreensCost, trafficBetween } from "./screens-cost.ts";
import { WrittenWatch } from "./written-watch.ts";

/** How far apart calls begin: key pictures that come all at once would measure a switch that failed, not a day. */
const CALL_EVERY_MS = 15;
const SETTLE_MS = 3_000;
/** Until what was sent last is taken, repairs included. */
const DRAIN_MS = 2_500;
/** Screens whose files are looked at while they grow. */
const WATCHED = 12;
const EVENTS_AT_ONCE = 20;
const SEALED_WITHIN_MS = 120_000;

/** How many screens are recorded, and for how long it is measured. */
export interface ScreensRun {
  /** For the recorder's data. */
  folder: string;
  codec: CorpusCodec;
  screens: number;
  seconds: number;
  /** Over ICE, DTLS and SRTP, as in life; else to PlainTransports. */
  isSecure: boolean;
  /** A file for a CPU profile of the recorder's event loop; undefined: none is made. */
  profileInto?: string | undefined;
  say: (text: string) => void;
}

/**
 * The real recorder with so many real desktops' conversations, whose packets come by PlainTransport: from ring to sealed
 * files, which are read back.
 */
export async function recordScreens(run: ScreensRun): Promise<ScreensCost> {
  const { folder, codec, screens, seconds, isSecure, say } = run;
  const { profileInto } = run;
  await using recorder = await startHookedRecorder(
    folder,
    { plainIngress: !isSecure, ...(profileInto !== undefined && { profileInto }) },
    { recorder: { capture: { codecs: [codec] } } },
  );
  await using feeder = await Feeder.start();
  const channelUrl = recorder.url.replace(/^http/, "ws");
  const enrollmentToken = recorder.tokens.enrollment;
  await feeder.ask({ t: "connect", channelUrl, enrollmentToken, codec, count: screens, isSecure });
  const calls = Array.from({ length: screens }, () => randomUUID());
  say(`${screens} desktops are there; their calls begin, ${CALL_EVERY_MS} ms apart`);
  await tellCalls(recorder, calls, ["ringing", "connected"], CALL_EVERY_MS);
  await waitFor(
    "every screen to send",
    async () =>
      (await feeder.ask({ t: "look" })).screens.filter(({ pictures }) => pictures > 0).length === screens,
    { withinMs: 60_000 },
  );
  await sleep(SETTLE_MS);
  using watch = new WrittenWatch(await foldersOf(recorder, screens));
  say(`${screens} screens send; measured for ${seconds} s`);
  const measured = await measure(recorder, feeder, seconds);

  const after = await feeder.ask({ t: "end" });
  await sleep(DRAIN_MS);
  const { flushes } = await recorder.figures();
  const delays = watch.delays(after.sentAt, flushes, measured.between);
  say("the calls end; their files are read back");
  await tellCalls(recorder, calls, ["wrap-up", "agent-available"], 0);
  const recordings = await waitFor(
    "every recording to be sealed",
    async () => {
      const all = await listRecordings(recorder);
      return all.length === screens && all.every(({ phase }) => phase === "sealed") ? all : null;
    },
    { withinMs: SEALED_WITHIN_MS, everyMs: 1_000 },
  );
  return {
    way: isSecure ? "recorder, DTLS-SRTP" : "recorder",
    screens,
    codec,
    seconds: measured.seconds,
    processes: measured.processes,
    ...measured.traffic,
    ...(await countLosses(recorder, recordings, after)),
    loop: measured.loop,
    written: delays.writtenMs.length > 0 ? sortOut(delays.writtenMs) : null,
    durable: delays.durableMs.length > 0 ? sortOut(delays.durableMs) : null,
    feederLatenessP99Ms: after.latenessP99Ms,
  };
}

async function measure(recorder: HookedRecorder, feeder: Feeder, seconds: number) {
  const watched = Array.from({ length: WATCHED }, (_, screen) => screen);
  const before = await feeder.ask({ t: "watch", screens: watched });
  await recorder.beginMeasuring();
  const from = machineMs();
  const processorBefore = await processorOf(recorder);
  await sleep(seconds * 1_000);
  const processorAfter = await processorOf(recorder);
  const to = machineMs();
  const { loop } = await recorder.figures();
  const after = await feeder.ask({ t: "look" });
  const tookSeconds = (to - from) / 1_000;
  return {
    seconds: tookSeconds,
    between: [from, to] as const,
    loop,
    traffic: trafficBetween(before, after, tookSeconds),
    processes: {
      recorder: await cost(processorBefore.recorder, processorAfter.recorder, [recorder.pid]),
      worker: await cost(processorBefore.worker, processorAfter.worker, recorder.workerPids),
    },
  };
}

async function processorOf({
  pid,
  workerPids,
}: HookedRecorder): Promise<{ recorder: number; worker: number }> {
  const [recorder, ...workers] = await Promise.all([pid, ...workerPids].map(readProcessorMs));
  return { recorder: recorder ?? 0, worker: workers.reduce((sum, ms) => sum + ms, 0) };
}

async function cost(beforeMs: number, afterMs: number, pids: readonly number[]): Promise<ProcessCost> {
  const memory = await Promise.all(pids.map(readPssBytes));
  return {
    processor: (afterMs - beforeMs) / 1_000,
    pssBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Posts these events of each call, call after call. */
async function tellCalls(
  { url, tokens }: HookedRecorder,
  calls: readonly string[],
  types: readonly CallEventType[],
  everyMs: number,
): Promise<void> {
  const atOnce = everyMs > 0 ? 1 : EVENTS_AT_ONCE;
  for (let from = 0; from < calls.length; from += atOnce) {
    const some = calls.slice(from, from + atOnce);
    const at = new Date().toISOString();
    const events = some.flatMap((callSessionId, index) =>
      types.map((type) => ({ id: randomUUID(), type, at, agent: agentOf(from + index), callSessionId })),
    );
    const answer = await postEvents({ recorderUrl: url, tokens }, events);
    if (answer.status !== 202) throw new Error(`call events were refused: ${await answer.text()}`);
    await sleep(everyMs);
  }
}

async function foldersOf(recorder: HookedRecorder, screens: number): Promise<Map<number, string>> {
  const recordings = await listRecordings(recorder);
  const folders = new Map<number, string>();
  for (let screen = 0; screen < Math.min(WATCHED, screens); screen++) {
    const recording = recordings.find(({ agent }) => agent === agentOf(screen));
    const [track] = recording?.tracks ?? [];
    if (recording === undefined || track === undefined) throw new Error(`screen ${screen} has no track`);
    folders.set(screen, join(recorder.bufferDir, recording.id, track.id));
  }
  return folders;
}

async function countLosses(
  recorder: HookedRecorder,
  recordings: readonly Recording[],
  { screens }: FeederLook,
) {
  const frames = new Map<string, number>();
  for (const recording of recordings) {
    const before = frames.get(recording.agent) ?? 0;
    frames.set(recording.agent, before + (await countFrames(recorder, recording)));
  }
  const missing = screens.map(({ pictures }, screen) => pictures - (frames.get(agentOf(screen)) ?? 0));
  return {
    picturesSent: screens.reduce((sum, { pictures }) => sum + pictures, 0),
    picturesLost: missing.reduce((sum, count) => sum + Math.max(0, count), 0),
    packetsRepeated: screens.reduce((sum, { repeated }) => sum + repeated, 0),
  };
}
