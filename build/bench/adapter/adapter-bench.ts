import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Codec } from "#shared/api/recording.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { partsOf } from "../../../apps/adapter/rig/long-call.ts";
import { encodeAudio } from "../../../e2e/speech/encode-audio.ts";
import { speakLines } from "../../../e2e/speech/speak.ts";
import type { Machine } from "../machine.ts";
import { readFamilyMemory } from "../process-cost.ts";
import type { ArchivedCall } from "./archive-long-call.ts";
import type { AdapterResult, StitchedCall } from "./adapter-report.ts";

/** Calls: minutes, and whether both agents' four screens are there or one. */
const CALLS = [
  { minutes: 10, shown: "first" },
  { minutes: 10, shown: "all" },
  { minutes: 60, shown: "first" },
  { minutes: 60, shown: "all" },
] as const;
const SAMPLE_EVERY_MS = 25;
/** Of what is encoded, the rest of a segment is the same again: its pictures cost the adapter nothing but their bytes. */
const ENCODED_S = 10;
const SEGMENT_S = 60;
/** Like a busy screen: 400 kbit/s, five pictures a second. */
const SCREEN = "testsrc2=s=1920x1080:r=5";
const ENCODE = ["-pix_fmt", "yuv420p", "-g", "9999", "-b:v", "400k"];
const ENCODERS: Readonly<Partial<Record<Codec, readonly string[]>>> = {
  vp9: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
  vp8: ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"],
};
/** One for each container. */
const CODECS = ["vp9", "vp8"] as const;

const TALK = [
  { voice: "agent", text: "Good morning, this is the billing department. How can I help you today?" },
  { voice: "customer", text: "I would like to ask about my last invoice, which seems rather high to me." },
  { voice: "agent", text: "Let me look into that for you, one moment please. Thank you for waiting." },
  { voice: "customer", text: "There is a charge of forty two dollars that I do not know of at all." },
  { voice: "agent", text: "That is for roaming. I can see that it was taken twice, and will return it." },
] as const;
const TALK_MS = 27_000;

/** Archives calls in a process of its own, as the adapter does, and measures it and its ffmpegs together. */
export async function benchAdapter(options: {
  folder: string;
  machine: Machine;
  /** Of each call. */
  runs: number;
  say: (text: string) => void;
}): Promise<AdapterResult> {
  const { folder, machine, say } = options;
  const talk = join(folder, "talk.mp3");
  await writeFile(talk, await encodeAudio(await speakLines(TALK, TALK_MS), "mp3"));
  const calls: StitchedCall[] = [];
  for (const codec of CODECS) {
    const segment = join(folder, `minute-${codec}.scn`);
    await makeSegment(folder, codec, segment);
    for (const { minutes, shown } of CALLS) {
      const dataDir = join(folder, `${codec}-${minutes}-${shown}`);
      await mkdir(dataDir);
      await makeParts(dataDir, talk, minutes);
      const measuredRuns: Omit<StitchedCall, "codec" | "minutes">[] = [];
      for (let index = 0; index < options.runs; index += 1) {
        const measured = await archiveOnce(dataDir, segment, [codec, String(minutes), shown]);
        say(
          `${codec}, ${minutes} minutes, ${measured.screens} screens: ${(measured.tookMs / 1_000).toFixed(1)} s, ${(measured.peakRssBytes / 1e6).toFixed(0)} MB`,
        );
        measuredRuns.push(measured);
        await rm(join(dataDir, "archive"), { recursive: true });
      }
      calls.push({ codec, minutes, ...inTheMiddle(measuredRuns) });
      await rm(dataDir, { recursive: true });
    }
  }
  return { part: "adapter", machine, conditions: { runs: options.runs }, calls };
}

/** The run whose time is the median. */
function inTheMiddle<Run extends { tookMs: number }>(runs: Run[]): Run {
  const middle = [...runs].sort((a, b) => a.tookMs - b.tookMs)[Math.floor(runs.length / 2)];
  if (middle === undefined) throw new RangeError("there was no run");
  return middle;
}

async function makeSegment(folder: string, codec: (typeof CODECS)[number], segment: string): Promise<void> {
  const short = join(folder, `short-${codec}.webm`);
  const encode = [...ENCODE, ...(ENCODERS[codec] ?? [])];
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", `${SCREEN}:d=${ENCODED_S}`, ...encode, short]);
  const again = ["-stream_loop", String(SEGMENT_S / ENCODED_S - 1)];
  const looped = join(folder, `looped-${codec}.webm`);
  await run("ffmpeg", ["-v", "error", ...again, "-i", short, "-c", "copy", "-f", "webm", looped]);
  // A recorder's segment has one key picture; thumbnails are made of those, and nothing else is decoded.
  const oneKey = ["-c", "copy", "-bsf:v", "noise=drop='key*gt(n,0)'", "-f", "webm", segment];
  await run("ffmpeg", ["-v", "error", "-i", looped, ...oneKey]);
}

/** The talk over and over, as one file for each part of the call. */
async function makeParts(dataDir: string, talk: string, minutes: number): Promise<void> {
  for (const [index, { durationMs }] of partsOf(minutes).entries()) {
    const copy = ["-t", String(durationMs / 1_000), "-c", "copy", join(dataDir, `part-${index}.mp3`)];
    await run("ffmpeg", ["-v", "error", "-stream_loop", "-1", "-i", talk, ...copy]);
  }
}

async function archiveOnce(
  dataDir: string,
  segment: string,
  args: readonly string[],
): Promise<Omit<StitchedCall, "codec" | "minutes">> {
  const program = join(import.meta.dirname, "archive-long-call.ts");
  const child = spawn(process.execPath, [program, dataDir, segment, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const watch = new AbortController();
  const peak = { peakRssBytes: 0, peakAtMostBytes: 0 };
  const watching = (async () => {
    while (!watch.signal.aborted && child.pid !== undefined) {
      const { nowBytes, mostBytes } = await readFamilyMemory(child.pid);
      peak.peakRssBytes = Math.max(peak.peakRssBytes, nowBytes);
      peak.peakAtMostBytes = Math.max(peak.peakAtMostBytes, mostBytes);
      await sleep(SAMPLE_EVERY_MS);
    }
  })();
  const printed = await text(child.stdout);
  watch.abort();
  await watching;
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new DeskreelError("BENCH_FAILED", `archiving a call ended with ${code}`);
  return { ...(JSON.parse(printed) as ArchivedCall), ...peak };
}
