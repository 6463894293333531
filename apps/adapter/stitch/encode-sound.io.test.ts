import { mkdtemp, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Peaks } from "#shared/archive/peaks.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { decodeAudio } from "../../../e2e/speech/decode-audio.ts";
import { samplesIn } from "../../../e2e/speech/pcm.ts";
import { ADTS_HEADER_BYTES, readPacketLength } from "../domain/adts.ts";
import { AAC_PACKET_SAMPLES, countPackets, cutSound } from "../domain/sound-pieces.ts";
import type { PlannedAudio, StitchPlan } from "../domain/stitch-plan.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { encodeSound } from "./encode-sound.ts";
import { joinSound } from "./join-sound.ts";

const DURATION_MS = 190_000;
/** Loud clicks and noise that come and go: what makes the encoder change its windows, also on the pieces' borders. */
const SOUND = "aevalsrc='0.3*random(0)*lt(mod(t,0.7),0.3)+0.6*lt(mod(t,0.173),0.002)'";

function planned(audio: PlannedAudio[], durationMs = DURATION_MS): StitchPlan {
  const call = { interactionId: "call-1", startedAt: 0, endedAt: durationMs, coverage: "recorded" as const };
  return { ...call, durationMs, call: {}, agents: [], events: [], audio, screens: [] };
}

function part(path: string, offsetMs: number, durationMs: number): PlannedAudio {
  const stretches = [{ fromMs: 0, durationMs, afterMs: 0 }];
  const known = { sourceId: path, sha256: "", placement: "metadata" as const, uncertaintyMs: 1 };
  return { ...known, path, offsetMs, durationMs, stretches };
}

/** How like one process' sound that of pieces is where they meet; a click or a packet too many would be as loud as it. */
const ALIKE_DB = 20;
const AROUND_MS = 250;

test.each([
  ["wav", 16_000, 2],
  ["mp3", 16_000, 3],
  ["mp3", 44_100, 2],
])("%s of %i Hz in %i pieces sounds as if one process had made it, packet by packet", async (...given) => {
  const [format, rate, most] = given;
  await using scratch = await scratchFolder();
  const { path: dataDir } = scratch;
  const name = `sound.${format}`;
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", `${SOUND}:s=${rate}:d=100`, join(dataDir, name)]);
  const plan = planned([part(name, 333, 100_000), part(name, 85_001, 100_000)]);
  const perMs = rate > 16_000 ? 24 : 16;
  const made = [];
  for (const count of [1, most]) {
    const own = await mkdtemp(join(dataDir, "scratch-"));
    const options = { scratch: own, most: count, beside: [], log: silentLog() };
    const inputs = plan.audio.map(({ path }) => join(dataDir, path));
    const sound = await encodeSound(plan, inputs, { ...options, signal: new AbortController().signal });
    expect(sound).toMatchObject({ perMs, aac: join(own, "sound.aac"), opus: null });
    const path = join(own, "sound.aac");
    made.push({
      peaks: sound?.peaks,
      windows: windowsOf(await readFile(path)),
      samples: await decodeAudio(path),
    });
  }
  const [whole, joined] = made;
  if (whole === undefined || joined === undefined) throw new Error("both are made");
  expect(whole.windows).toHaveLength(countPackets(DURATION_MS * perMs));
  expect(new Set(whole.windows).size).toBeGreaterThan(3);
  expect(joined.windows).toEqual(whole.windows);
  const [some, all] = [peaksOf(joined.peaks), peaksOf(whole.peaks)];
  // An MP3 decoder that begins in the middle has other first samples than one that comes from before.
  const unlike = all.flatMap((value, index) => (some[index] === value ? [] : [value - (some[index] ?? 999)]));
  expect([some.length, unlike.length < most * 2]).toEqual([all.length, true]);
  expect(Math.max(0, ...unlike.map(Math.abs))).toBeLessThan(16);
  for (const { from, skip } of cutSound(DURATION_MS * perMs, perMs, most).slice(1)) {
    const meetsMs = (from + skip * AAC_PACKET_SAMPLES) / perMs;
    const around = (samples: Int16Array) =>
      samples.subarray(samplesIn(meetsMs - AROUND_MS), samplesIn(meetsMs + AROUND_MS));
    expect(likenessDb(around(joined.samples), around(whole.samples))).toBeGreaterThan(ALIKE_DB);
  }
});

test("a piece that has fewer packets than it should is an error, not a sound that is moved", async () => {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, "piece.aac");
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", `${SOUND}:s=16000:d=1`, "-f", "adts", path]);
  const output = join(scratch.path, "sound.aac");
  const join_ = joinSound([{ path, skip: 2, keep: 16 }], output);
  await expect(join_).rejects.toMatchObject({ code: "BAD_PIECE" });
  await joinSound([{ path, skip: 2, keep: 15 }], output);
  expect((await stat(output)).size).toBeGreaterThan(0);
});

function peaksOf(peaks: Peaks | undefined): number[] {
  return (peaks?.channels ?? []).flatMap((channel) => [...Buffer.from(channel.peaks, "base64")]);
}

/** Sequence and shape of each packet's window (ISO/IEC 14496-3, 4.4.2), of one channel. */
function windowsOf(bytes: Buffer): number[] {
  const windows: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    windows.push((bytes.readUIntBE(at + ADTS_HEADER_BYTES, 3) >> 5) & 0b111);
    at += readPacketLength(bytes.subarray(at)) ?? Number.NaN;
  }
  return windows;
}

/** How much louder a sound is than what tells it from another. */
function likenessDb(one: Int16Array, other: Int16Array): number {
  const energy = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value * value, 0);
  return 10 * Math.log10(energy(one) / energy([...one].map((value, index) => value - (other[index] ?? 0))));
}
