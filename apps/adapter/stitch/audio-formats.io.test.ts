/** Every kind of sound file that may come: told by its first bytes, measured, and heard at its time; and what is none. */
import { appendFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { readBeeps } from "../../../e2e/media/read-beeps.ts";
import { type AudioFormat, sniffAudioFormat } from "../domain/audio-format.ts";
import type { AudioPart } from "../domain/interaction-facts.ts";
import { planStitch } from "../domain/stitch-plan.ts";
import { makeOnce } from "../rig/made-once.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { AudioFaultError, measureAudio } from "./measure-audio.ts";
import { stitchVersion } from "./stitch-version.ts";

/** Of every made sound, which beeps for 100 ms a second after it began. */
const [LENGTH_MS, BEEP_AT_MS] = [3_000, 1_000];
/** Of a beep's place: what a decoder is told of its encoder's delay is exact, what it is not told is 26 ms at 44.1 kHz. */
const TOLERANCE_MS = 40;
/** Of a file's length: coders fill up their last frame (MP3 at 8 kHz: 72 ms), and some of them one more. */
const LENGTH_TOLERANCE_MS = 150;
/** When the call began, and when the same file is heard again in it. */
const CALL_AT = Date.UTC(2026, 2, 2, 10, 2, 30);
const AGAIN_AT_MS = 5_237;

interface Kind {
  format: AudioFormat;
  rate: number;
  /** Of ffmpeg's, for the output. */
  out: string[];
  /** Before them: a second input. */
  beside?: string[];
  /** What is put behind what ffmpeg makes. */
  tail?: Buffer;
  /** The beep is in the right one of two channels. */
  stereo?: boolean;
  /** What the file must be, or it proves nothing. */
  proof: (bytes: Buffer) => boolean;
}

const ascii = (bytes: Buffer, from: number, to: number) => bytes.toString("latin1", from, to);
/** The format tag of a WAV whose first chunk says it. */
const wavTag = (bytes: Buffer) => bytes.readUInt16LE(20);
const hasMoovFirst = (bytes: Buffer) => bytes.indexOf("moov") < bytes.indexOf("mdat");
const WAV = ["-f", "wav"];
const MP3 = ["-c:a", "libmp3lame", "-f", "mp3"];
const AAC = ["-c:a", "aac", "-f", "mp4"];

const KINDS: Record<string, Kind> = {
  "WAV, PCM of 16 bits": { format: "wav", rate: 16_000, out: WAV, proof: (bytes) => wavTag(bytes) === 1 },
  "WAV, PCM of 8 bits at 8 kHz": {
    ...{ format: "wav", rate: 8_000, out: ["-c:a", "pcm_u8", ...WAV] },
    proof: (bytes) => bytes.readUInt16LE(34) === 8,
  },
  "WAV, PCM in stereo at 44.1 kHz": {
    ...{ format: "wav", rate: 44_100, out: WAV, stereo: true },
    proof: (bytes) => bytes.readUInt16LE(22) === 2,
  },
  "WAV in RF64": {
    ...{ format: "wav", rate: 16_000, out: ["-rf64", "always", ...WAV] },
    proof: (bytes) => ascii(bytes, 0, 4) === "RF64",
  },
  "WAV with WAVE_FORMAT_EXTENSIBLE": {
    ...{ format: "wav", rate: 44_100, out: ["-c:a", "pcm_s24le", ...WAV] },
    proof: (bytes) => wavTag(bytes) === 0xfffe,
  },
  "WAV, A-law at 8 kHz": {
    ...{ format: "wav", rate: 8_000, out: ["-c:a", "pcm_alaw", ...WAV] },
    proof: (bytes) => wavTag(bytes) === 6,
  },
  "WAV, mu-law at 8 kHz": {
    ...{ format: "wav", rate: 8_000, out: ["-c:a", "pcm_mulaw", ...WAV] },
    proof: (bytes) => wavTag(bytes) === 7,
  },
  "MP4 whose index is at its end": {
    ...{ format: "mp4", rate: 16_000, out: AAC },
    proof: (bytes) => !hasMoovFirst(bytes),
  },
  "MP4 whose index is at its start, stereo at 44.1 kHz": {
    ...{ format: "mp4", rate: 44_100, out: ["-movflags", "+faststart", ...AAC], stereo: true },
    proof: hasMoovFirst,
  },
  "MP4 at 8 kHz": {
    ...{ format: "mp4", rate: 8_000, out: AAC },
    proof: (bytes) => ascii(bytes, 4, 8) === "ftyp",
  },
  "MP4 in fragments": {
    ...{ format: "mp4", rate: 44_100, out: ["-movflags", "+frag_keyframe+empty_moov", ...AAC] },
    proof: (bytes) => bytes.includes("moof"),
  },
  "MP3 at 8 kHz": { format: "mp3", rate: 8_000, out: MP3, proof: (bytes) => ascii(bytes, 0, 3) === "ID3" },
  "MP3 in stereo at 44.1 kHz": {
    ...{ format: "mp3", rate: 44_100, out: MP3, stereo: true },
    proof: (bytes) => bytes.includes("LAME"),
  },
  "MP3 with a large ID3v2 tag, a picture": {
    ...{ format: "mp3", rate: 16_000 },
    beside: ["-f", "lavfi", "-i", "nullsrc=s=600x600:d=0.04,geq=lum='random(1)*255':cb=128:cr=128"],
    out: ["-map", "0:a", "-map", "1:v", "-c:v", "png", "-disposition:v", "attached_pic", ...MP3],
    proof: (bytes) => ascii(bytes, 0, 3) === "ID3" && bytes.indexOf("LAME") > 200_000,
  },
  "MP3 with an ID3v1 tag only": {
    ...{ format: "mp3", rate: 16_000, out: ["-id3v2_version", "0", ...MP3] },
    tail: Buffer.from("TAGcall with Ann".padEnd(128, "\u0000")),
    proof: (bytes) => bytes[0] === 0xff && ascii(bytes, bytes.length - 128, bytes.length - 125) === "TAG",
  },
  "MP3 without a tag and without a word on its encoder's delay": {
    ...{ format: "mp3", rate: 44_100, out: ["-id3v2_version", "0", "-write_xing", "0", ...MP3] },
    proof: (bytes) => bytes[0] === 0xff && !bytes.includes("Info") && !bytes.includes("Xing"),
  },
  "Ogg, Opus": {
    ...{ format: "ogg", rate: 48_000, out: ["-c:a", "libopus", "-f", "ogg"] },
    proof: (bytes) => bytes.includes("OpusHead"),
  },
  "Ogg, Opus in stereo": {
    ...{ format: "ogg", rate: 48_000, out: ["-c:a", "libopus", "-f", "ogg"], stereo: true },
    proof: (bytes) => bytes.includes("OpusHead"),
  },
  "Ogg, Vorbis at 44.1 kHz": {
    ...{ format: "ogg", rate: 44_100, out: ["-c:a", "libvorbis", "-f", "ogg"] },
    proof: (bytes) => bytes.includes("vorbis"),
  },
  "WebM, Opus": {
    ...{ format: "webm", rate: 48_000, out: ["-c:a", "libopus", "-f", "webm"] },
    proof: (bytes) => bytes.includes("OpusHead"),
  },
  FLAC: {
    format: "flac",
    rate: 16_000,
    out: ["-f", "flac"],
    proof: (bytes) => ascii(bytes, 0, 4) === "fLaC",
  },
};

/** A made sound of a kind. */
async function makeKind(
  path: string,
  { rate, out, beside = [], tail, stereo = false }: Kind,
): Promise<Buffer> {
  // Begins at the wave's crest, so that the first loud sample is the first one.
  const beep = `0.8*cos(2*PI*1000*t)*between(t,${BEEP_AT_MS / 1_000},${BEEP_AT_MS / 1_000 + 0.1})`;
  const sound = `aevalsrc='${stereo ? `0|${beep}` : beep}':s=${rate}:d=${LENGTH_MS / 1_000}`;
  await makeOnce(path, ["-f", "lavfi", "-i", sound, ...beside, ...out]);
  if (tail !== undefined) await appendFile(path, tail);
  return readFile(path);
}

/** The beeps of a call in which a file is heard twice, in ms. */
async function hearTwice(dataDir: string, path: string, durationMs: number): Promise<number[]> {
  const part = (sourceId: string, at: number): AudioPart => ({
    ...{ sourceId, createdOn: CALL_AT + 60_000 },
    file: { path, bytes: 1, sha256: "a".repeat(64), durationMs, stated: { at, uncertaintyMs: 1 } },
  });
  const audio = [part("first", CALL_AT), part("again", CALL_AT + AGAIN_AT_MS)];
  const plan = planStitch({ interactionId: "call-1", recordings: [], audio, conversation: null });
  if (plan === null) throw new Error("there is a sound");
  const folder = join(dataDir, "version");
  await mkdir(folder);
  await stitchVersion(plan, folder, {
    ...{ dataDir, segmentPath: () => "", log: silentLog(), signal: new AbortController().signal },
  });
  return await readBeeps(join(folder, "audio.m4a"));
}

test.each(Object.entries(KINDS))("%s is known, measured and heard at its time", async (_name, kind) => {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, "sound");
  const bytes = await makeKind(path, kind);
  expect(kind.proof(bytes)).toBe(true);
  expect(sniffAudioFormat(bytes)).toBe(kind.format);

  const { format, durationMs } = await measureAudio(path, new AbortController().signal);
  expect(format).toBe(kind.format);
  expect(Math.abs(durationMs - LENGTH_MS)).toBeLessThan(LENGTH_TOLERANCE_MS);

  const beeps = await hearTwice(scratch.path, "sound", durationMs);
  const expected = [BEEP_AT_MS, AGAIN_AT_MS + BEEP_AT_MS];
  expect(beeps).toHaveLength(expected.length);
  for (const [index, at] of expected.entries())
    expect(Math.abs((beeps[index] ?? 0) - at)).toBeLessThan(TOLERANCE_MS);
});

const WAV_KIND: Kind = { format: "wav", rate: 16_000, out: WAV, proof: () => true };

test("a WAV that was written to a stream and does not say how long it is has all its sound", async () => {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, "sound");
  const bytes = await makeKind(path, WAV_KIND);
  const data = bytes.indexOf("data");
  for (const size of [0, 0xffffffff]) {
    bytes.writeUInt32LE(size, 4);
    bytes.writeUInt32LE(size, data + 4);
    await writeFile(path, bytes);
    const { durationMs } = await measureAudio(path, new AbortController().signal);
    expect(Math.abs(durationMs - LENGTH_MS), `size ${size}`).toBeLessThan(LENGTH_TOLERANCE_MS);
  }
});

test.each(["WAV, PCM of 16 bits", "WAV in RF64", "MP3 at 8 kHz"])(
  "what there is of a file that was cut off is kept: %s",
  async (name) => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, "sound");
    const kind = KINDS[name];
    if (kind === undefined) throw new Error("it is a kind");
    const bytes = await makeKind(path, kind);
    await writeFile(path, bytes.subarray(0, Math.round(bytes.length * 0.6)));
    const { durationMs } = await measureAudio(path, new AbortController().signal);
    expect(durationMs).toBeGreaterThan(BEEP_AT_MS + 100);
    expect(durationMs).toBeLessThan(LENGTH_MS);
    expect(await hearTwice(scratch.path, "sound", durationMs)).toHaveLength(2);
  },
);

/** From a sound in MP4 whose index is at its end. */
async function cutMp4(path: string): Promise<Buffer> {
  const bytes = await makeKind(path, { ...WAV_KIND, format: "mp4", out: AAC });
  return bytes.subarray(0, bytes.indexOf("moov") - 4);
}

async function onlyPictures(path: string): Promise<Buffer> {
  await makeOnce(path, ["-f", "lavfi", "-i", "color=red:s=64x64:d=0.2", "-f", "mp4"]);
  return readFile(path);
}

async function onlyHeader(path: string): Promise<Buffer> {
  const bytes = await makeKind(path, WAV_KIND);
  return bytes.subarray(0, bytes.indexOf("data") + 8);
}

test.each<[string, (path: string) => Promise<Buffer> | Buffer, RegExp]>([
  ["an empty file", () => Buffer.alloc(0), /^the file is empty; known are/],
  [
    "a web page",
    () => Buffer.from("<!DOCTYPE html><html><title>Sign in</title></html>"),
    /^the file is a web page: "<!DOCTYPE html>/,
  ],
  ["JSON", () => Buffer.from('{"error":{"code":"0x80040217"}}'), /^the file is JSON: "\{\\"error\\"/],
  ["a storage's answer", () => Buffer.from("<Error><Code>BlobNotFound</Code>"), /^the file is XML: "<Error>/],
  ["bytes of no known kind", () => Buffer.alloc(5_000, 7), /^the file begins with 0707/],
  ["a tag without a sound", () => Buffer.from("ID3\u0004\u0000"), /^ffmpeg cannot decode the mp3 file: ./],
  [
    "a header without a sample",
    onlyHeader,
    /^the wav file has no sample|^ffmpeg cannot decode the wav file: ./,
  ],
  [
    "an MP4 that was cut off before its index",
    cutMp4,
    /^ffmpeg cannot decode the mp4 file: .*moov atom not found/,
  ],
  ["pictures without sound", onlyPictures, /^ffmpeg cannot decode the mp4 file: .*matches no streams/],
])("%s is no sound, which is said, and stays what it is", async (_name, make, message) => {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, "sound");
  const bytes = await make(path);
  await writeFile(path, bytes);
  const measured = measureAudio(path, new AbortController().signal);
  await expect(measured).rejects.toThrow(AudioFaultError);
  await expect(measured).rejects.toMatchObject({
    code: "AUDIO_NOT_DECODABLE",
    message: expect.stringMatching(message),
  });
  expect((await stat(path)).size).toBe(bytes.length);
});
