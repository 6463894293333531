import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { run } from "#shared/runtime/subprocess.ts";
import type { PlannedAudio, PlannedScreen, StitchPlan } from "../domain/stitch-plan.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { encodeSound } from "./encode-sound.ts";

const PART_MS = 1_000;
/** Of a tone, full scale being 1. */
const AMPLITUDE = 0.5;
/** Coders are not exact; 3 dB, which mixing could take, are 30 %. */
const LIKE = 0.1;
const RATE = 16_000;

/** What each second of the sound has: a tone on the left, on the right, from a source with one side, and both at once. */
const PARTS = [
  ["left", 0],
  ["right", 1_000],
  ["mono", 2_000],
  ["left", 3_000],
  ["right", 3_000],
] as const;
const TONE = `${AMPLITUDE}*sin(2*PI*500*t)`;
const SOURCES = { left: `${TONE}|0`, right: `0|${TONE}`, mono: TONE } as const;
const HEARD = [
  [AMPLITUDE, 0],
  [0, AMPLITUDE],
  [AMPLITUDE, AMPLITUDE],
  [AMPLITUDE, AMPLITUDE],
];

/** The greatest distance from 0 in the middle of each second, for each side. */
async function loudness(path: string): Promise<number[][]> {
  const pcm = await run("ffmpeg", [
    ...["-v", "error", "-i", path, "-ac", "2", "-ar", String(RATE), "-f", "f32le", "-"],
  ]);
  const samples = new Float32Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
  return HEARD.map((_, second) => {
    const middle = samples.subarray((second + 0.3) * RATE * 2, (second + 0.7) * RATE * 2);
    return [0, 1].map((side) =>
      middle.reduce((most, sample, at) => (at % 2 === side ? Math.max(most, Math.abs(sample)) : most), 0),
    );
  });
}

test("what is on one side of a source stays there, and a source with one side is on both, as loud as it is", async () => {
  await using scratch = await scratchFolder();
  const folder = scratch.path;
  for (const [name, source] of Object.entries(SOURCES)) {
    const sound = `aevalsrc='${source}':s=${RATE}:d=${PART_MS / 1_000}`;
    await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", sound, join(folder, `${name}.wav`)]);
  }
  const audio = PARTS.map(
    ([name, offsetMs], index): PlannedAudio => ({
      ...{ sourceId: String(index), sha256: "", placement: "metadata", uncertaintyMs: 1 },
      ...{ path: `${name}.wav`, offsetMs, durationMs: PART_MS },
      stretches: [{ fromMs: 0, durationMs: PART_MS, afterMs: 0 }],
    }),
  );
  const entry = { recordingId: "R", leg: 1, agent: "a", desktop: "PC", display: "1", width: 2, height: 2 };
  const screen: PlannedScreen = {
    ...{ file: "screen-1.webm", codec: "vp8", pieces: [], durationMs: 4_000 },
    entry: { ...entry, offsetMs: 0, coverage: [] },
  };
  const plan: StitchPlan = {
    ...{ interactionId: "call-1", startedAt: 0, endedAt: 4_000, durationMs: 4_000, coverage: "recorded" },
    ...{ call: {}, agents: [], events: [], audio, screens: [screen] },
  };
  const inputs = audio.map(({ path }) => join(folder, path));
  const sound = await encodeSound(plan, inputs, {
    ...{ scratch: folder, most: 2, beside: [], log: silentLog(), signal: new AbortController().signal },
  });
  if (sound === null) throw new Error("there is a sound");

  const peaks = sound.peaks.channels.map(({ peaks: text }) => Buffer.from(text, "base64"));
  const middles = HEARD.map((_, second) => peaks.map((values) => (values[second * 20 + 10] ?? 0) / 255));
  for (const found of [middles, await loudness(sound.aac), await loudness(sound.opus ?? "")]) {
    for (const [second, sides] of HEARD.entries()) {
      for (const [side, expected] of sides.entries())
        expect(
          Math.abs((found[second]?.[side] ?? 1) - expected),
          `second ${second}, side ${side}`,
        ).toBeLessThan(expected === 0 ? 0.01 : LIKE);
    }
  }
});
