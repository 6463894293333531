import { open } from "node:fs/promises";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { SubprocessError } from "#shared/runtime/subprocess.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { type AudioFormat, describeNoAudio, SNIFF_BYTES, sniffAudioFormat } from "../domain/audio-format.ts";
import { decodeArgs, MEASURED_PER_MS } from "../domain/sound-args.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";

const BYTES_PER_SAMPLE = 2;

/** The file is not sound that can be decoded; no further try will change that. */
export class AudioFaultError extends DeskreelError {}

/**
 * What a sound file is and how long it is, found by decoding it to its end: headers only estimate, and a file that does
 * not decode is better found now than when its call is stitched. Nothing of it is held.
 *
 * @throws AudioFaultError `AUDIO_NOT_DECODABLE` when it is no sound or has no sample.
 */
export async function measureAudio(
  path: string,
  signal: AbortSignal,
): Promise<{ format: AudioFormat; durationMs: DurationMs }> {
  const head = await readHead(path);
  const format = sniffAudioFormat(head);
  if (format === null) {
    throw new AudioFaultError(
      "AUDIO_NOT_DECODABLE",
      `the file ${describeNoAudio(head)}; known are MP3, WAV, MP4, Ogg, WebM and FLAC`,
    );
  }
  let bytes = 0;
  try {
    await runFfmpeg(decodeArgs(path), {
      mediaMs: 0,
      signal,
      onStdout: (chunk) => {
        bytes += chunk.length;
      },
    });
  } catch (cause) {
    // Without an exit code ffmpeg is missing or was stopped, which says nothing about the file.
    if (!(cause instanceof SubprocessError) || cause.exitCode === null || signal.aborted) throw cause;
    throw new AudioFaultError(
      "AUDIO_NOT_DECODABLE",
      `ffmpeg cannot decode the ${format} file: ${firstLine(cause.stderr)}`,
      { cause },
    );
  }
  if (bytes === 0) throw new AudioFaultError("AUDIO_NOT_DECODABLE", `the ${format} file has no sample`);
  return { format, durationMs: bytes / BYTES_PER_SAMPLE / MEASURED_PER_MS };
}

/** Its reason; what follows only says what it could not do because of that. It names the demuxer by its address. */
function firstLine(stderr: string): string {
  return (stderr.split("\n")[0] ?? "").replace(/ @ 0x[0-9a-f]+/, "").trim();
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const head = new Uint8Array(SNIFF_BYTES);
    const { bytesRead } = await file.read(head, 0, SNIFF_BYTES, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
