import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { scriptCall } from "../../../e2e/rig/events.ts";
import { waitFor } from "../../../e2e/rig/wait.ts";
import type { BenchRecorder } from "../bench-recorder.ts";
import { type Latencies, sortOut } from "../latencies.ts";
import { startElectronDesk } from "./electron-desk.ts";
import { Feeder } from "./feeder.ts";
import { agentOf } from "./feeder-protocol.ts";
import { startHookedRecorder } from "./hooked-recorder.ts";

/** From the request that says that it rings, fully received, until the first decodable frame is in a file. */
export interface FirstFrames {
  way: string;
  calls: number;
  /** Calls whose first frame came, and how long that took. */
  latencies: Latencies;
}

/** Desktops that share the calls of the fast senders. */
const DESKTOPS = 15;
/** Between two calls of a desktop: it lets its screen go. */
const PAUSE_MS = 700;
const FIRST_FRAME_WITHIN_MS = 20_000;
const READ_EVERY_MS = 50;
const ELECTRON_AGENT = "bench@contoso.com";

/**
 * Calls at desktops whose pictures are recorded packets, sent at once when they are asked for; over ICE, DTLS and SRTP,
 * which a desktop's first call has to wait for, as in life.
 */
export async function callFastSenders(folder: string, calls: number): Promise<FirstFrames> {
  await using recorder = await startHookedRecorder(folder, {});
  using log = new FirstFrameLog(recorder);
  await using feeder = await Feeder.start();
  const desktops = Math.min(DESKTOPS, calls);
  await feeder.ask({
    t: "connect",
    channelUrl: recorder.url.replace(/^http/, "ws"),
    enrollmentToken: recorder.tokens.enrollment,
    codec: "vp9",
    count: desktops,
    isSecure: true,
  });
  let left = calls;
  const takeCalls = async (desktop: number) => {
    await sleep(Math.random() * PAUSE_MS);
    while (left-- > 0) await ringOnce(recorder, log, agentOf(desktop));
  };
  await Promise.all(Array.from({ length: desktops }, (_, desktop) => takeCalls(desktop)));
  return { way: "fast senders, DTLS-SRTP", calls, latencies: sortOut(log.all) };
}

/** Calls at one real tray app under Electron that shows a 1080p screen. */
export async function callElectron(
  folder: string,
  calls: number,
  say: (text: string) => void,
): Promise<FirstFrames> {
  await using recorder = await startHookedRecorder(folder, {});
  using log = new FirstFrameLog(recorder);
  await using desk = await startElectronDesk(folder, recorder, ELECTRON_AGENT);
  await desk.show("switching");
  for (let done = 0; done < calls; done++) {
    if (done % 10 === 0) say(`${done} of ${calls} calls at the real tray app`);
    await ringOnce(recorder, log, desk.agent);
  }
  return { way: "Electron", calls, latencies: sortOut(log.all) };
}

/** One call that is over when its first frame has come. */
async function ringOnce(recorder: BenchRecorder, log: FirstFrameLog, agent: string): Promise<void> {
  const before = log.countOf(agent);
  const call = scriptCall({ recorderUrl: recorder.url, tokens: recorder.tokens }, agent);
  await call.say("ringing");
  await waitFor("the first frame", () => log.countOf(agent) > before, { withinMs: FIRST_FRAME_WITHIN_MS });
  await call.say("wrap-up");
  await call.say("agent-available");
  await sleep(PAUSE_MS);
}

/** What the recorder logs of each recording once. */
class FirstFrameLog implements Disposable {
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  readonly #byAgent = new Map<string, number[]>();
  #rest = "";

  constructor({ logFile }: BenchRecorder) {
    this.#file = openSync(logFile, "r");
    this.#timer = setInterval(() => this.#read(), READ_EVERY_MS);
  }

  /** From ring to first frame, of all recordings, in milliseconds. */
  get all(): number[] {
    return [...this.#byAgent.values()].flat();
  }

  countOf(agent: string): number {
    return this.#byAgent.get(agent)?.length ?? 0;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    closeSync(this.#file);
  }

  #read(): void {
    const lines = (this.#rest + readFileSync(this.#file, "utf8")).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.includes("ringToFirstFrameMs")) continue;
      const { agent, ringToFirstFrameMs } = JSON.parse(line) as { agent: string; ringToFirstFrameMs: number };
      this.#byAgent.set(agent, [...(this.#byAgent.get(agent) ?? []), ringToFirstFrameMs]);
    }
  }
}
