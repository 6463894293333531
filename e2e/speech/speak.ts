import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { decodeAudio } from "./decode-audio.ts";
import { placeSound, type Samples, samplesIn, silence } from "./pcm.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** Who speaks; the two are told apart by accent, pitch and pace. */
export type Voice = "agent" | "customer";

const VOICES: Record<Voice, readonly string[]> = {
  agent: ["-v", "en-gb+f3", "-s", "160"],
  customer: ["-v", "en-us+m3", "-s", "150"],
};
const BETWEEN_LINES_MS = 300;

/** Kept between runs, so that calls start fast; named by content, so never stale. */
const CACHE_FOLDER = join(tmpdir(), `deskreel-speech-${userInfo().uid}`);

/**
 * Speaks one line with espeak-ng.
 *
 * @throws DeskreelError `NO_SPEECH` when espeak-ng is not installed or fails.
 */
export async function speak(voice: Voice, text: string, signal?: AbortSignal): Promise<Samples> {
  const name = createHash("sha256")
    .update(JSON.stringify([VOICES[voice], text]))
    .digest("hex");
  const path = join(CACHE_FOLDER, `${name}.s16`);
  const cached = await readSamples(path);
  if (cached !== null) return cached;
  await mkdir(CACHE_FOLDER, { recursive: true, mode: 0o700 });
  const [spoken, draft] = [`${path}.${randomUUID()}.wav`, `${path}.${randomUUID()}.draft`];
  try {
    await run("espeak-ng", [...VOICES[voice], "-w", spoken, text], signal ? { signal } : {}).catch(noSpeech);
    const samples = await decodeAudio(spoken, signal);
    await writeFile(draft, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
    await rename(draft, path);
    return samples;
  } finally {
    await Promise.all([rm(spoken, { force: true }), rm(draft, { force: true })]);
  }
}

/** Lines one after the other, cut or filled with silence to a length. */
export async function speakLines(
  lines: readonly { voice: Voice; text: string }[],
  duration: DurationMs,
  signal?: AbortSignal,
): Promise<Samples> {
  const sound = silence(duration);
  let at = 0;
  for (const { voice, text } of lines) {
    const line = await speak(voice, text, signal);
    placeSound(sound, line, at);
    at += line.length + samplesIn(BETWEEN_LINES_MS);
  }
  return sound;
}

async function readSamples(path: string): Promise<Samples | null> {
  try {
    const bytes = await readFile(path);
    return new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
}

function noSpeech(cause: unknown): never {
  const missing = cause instanceof SubprocessError && isSystemError(cause.cause, "ENOENT");
  const next = missing ? "espeak-ng is not installed (Debian: apt install espeak-ng)" : "espeak-ng failed";
  throw new DeskreelError("NO_SPEECH", `cannot speak the call's lines: ${next}`, { cause });
}
