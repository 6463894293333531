import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Codec } from "#shared/api/recording.ts";
import { freePort } from "../../../e2e/rig/ports.ts";
import { scriptCall } from "../../../e2e/rig/events.ts";
import { type BenchRecorder, startBenchRecorder } from "../bench-recorder.ts";
import type { Machine } from "../machine.ts";
import type { ShownScene } from "../recorder/electron-desk.ts";
import { type DesktopCost, measureDesk } from "./desktop-cost.ts";
import { judgeDesktop } from "./judge-desktop.ts";
import { type MeasuredDesk, startMeasuredDesk } from "./measured-desk.ts";
import { startUdpMeter, type UdpMeter } from "./udp-meter.ts";

/** `idle` = without a call; `down` = while there is no recorder; the others are what the screen shows in a call. */
export const SITUATIONS = ["idle", "static", "typing", "scrolling", "switching", "mix", "down"] as const;
export type Situation = (typeof SITUATIONS)[number];

export interface DesktopBenchOptions {
  /** For all data. */
  folder: string;
  machine: Machine;
  seconds: number;
  situations: readonly Situation[];
  codecs: readonly Codec[];
  monitors: number;
  say: (text: string) => void;
}

/** Everything that one run found. */
export interface DesktopResult {
  part: "desktop";
  machine: Machine;
  conditions: Record<string, number | string>;
  costs: DesktopCost[];
  goals: { goal: string; found: string; isMet: boolean }[];
}

const AGENT = "bench@contoso.com";
/** Until the programs' starts are over. */
const START_SETTLE_MS = 10_000;
/** Until the first key picture is through and WebRTC knows its bandwidth. */
const CALL_SETTLE_MS = 12_000;
const RECORDER_ADDRESS = "127.0.0.1";
/** ICE candidates name this one, so that everything sent goes through the meter. */
const METER_ADDRESS = "127.0.0.2";

/** Measures what the real tray app takes of a PC, with each codec in turn. */
export async function benchDesktop(options: DesktopBenchOptions): Promise<DesktopResult> {
  const { machine, situations, seconds, monitors, codecs } = options;
  const costs: DesktopCost[] = [];
  for (const [index, codec] of codecs.entries()) {
    // Without a call the codec is no matter.
    const wanted = situations.filter((name) => index === 0 || (name !== "idle" && name !== "down"));
    costs.push(...(await benchCodec({ ...options, situations: wanted }, codec)));
  }
  return {
    part: "desktop",
    machine,
    conditions: { seconds, monitors: `${monitors} of 1920x1080`, framesPerSecond: 5 },
    costs,
    goals: judgeDesktop(costs),
  };
}

async function benchCodec(options: DesktopBenchOptions, codec: Codec): Promise<DesktopCost[]> {
  const { seconds, situations, monitors, say } = options;
  const folder = join(options.folder, codec);
  await mkdir(folder);
  await using parts = new AsyncDisposableStack();
  const port = await freePort();
  const recorder = await startBenchRecorder(folder, {
    recorder: {
      webrtc: { port, listenIp: RECORDER_ADDRESS, announcedAddress: METER_ADDRESS },
      capture: { codecs: [codec] },
    },
  });
  const recorderLife = new AsyncDisposableStack();
  recorderLife.use(recorder);
  parts.use(recorderLife);
  const meter = parts.use(await startUdpMeter(port, METER_ADDRESS, RECORDER_ADDRESS));
  const desk = parts.use(await startMeasuredDesk(folder, recorder, { agent: AGENT, monitors }));
  await sleep(START_SETTLE_MS);
  const costs: DesktopCost[] = [];
  for (const what of situations) {
    say(`${codec}, ${monitors} monitors, ${what}: ${seconds} s`);
    if (what === "down") await recorderLife.disposeAsync();
    const measured =
      what === "idle" || what === "down"
        ? { ...(await measureDesk(desk, meter, seconds)), framesPerSecond: null, ringToFirstFrameMs: null }
        : await measureCall(recorder, desk, meter, what, seconds);
    costs.push({ what, codec: what === "idle" || what === "down" ? "" : codec, monitors, ...measured });
  }
  return costs;
}

async function measureCall(
  recorder: BenchRecorder,
  desk: MeasuredDesk,
  meter: UdpMeter,
  scene: ShownScene,
  seconds: number,
) {
  await desk.show(scene);
  const call = scriptCall({ recorderUrl: recorder.url, tokens: recorder.tokens }, AGENT);
  await call.say("ringing");
  await call.say("connected");
  await sleep(CALL_SETTLE_MS);
  const measured = await measureDesk(desk, meter, seconds);
  await call.say("wrap-up");
  await call.say("agent-available");
  const { tracks } = await call.recording(({ phase }) => phase === "sealed");
  const segments = tracks.flatMap((track) => track.segments);
  const frames = segments.reduce((sum, segment) => sum + segment.frames, 0);
  const recordedMs = segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  return {
    ...measured,
    framesPerSecond: (frames / recordedMs) * 1_000,
    ringToFirstFrameMs: await lastFirstFrame(recorder),
  };
}

/** As the recorder logged it. */
async function lastFirstFrame({ logFile }: BenchRecorder): Promise<number | null> {
  const lines = (await readFile(logFile, "utf8")).split("\n");
  const line = lines.findLast((entry) => entry.includes("ringToFirstFrameMs"));
  if (line === undefined) return null;
  return (JSON.parse(line) as { ringToFirstFrameMs: number }).ringToFirstFrameMs;
}
