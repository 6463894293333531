import { join } from "node:path";
import type { Log } from "#shared/runtime/log.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Peaks } from "#shared/archive/peaks.ts";
import type { SoundFiles } from "../domain/ffmpeg-args.ts";
import { screenContainer } from "../domain/screen-container.ts";
import {
  chooseMix,
  opusArgs,
  pieceArgs,
  readSoundKinds,
  soundKindArgs,
  type SoundKind,
} from "../domain/sound-args.ts";
import { SoundPeaks } from "../domain/sound-peaks.ts";
import { cutSound } from "../domain/sound-pieces.ts";
import type { UsablePlan } from "../domain/archived-source.ts";
import { joinSound } from "./join-sound.ts";
import { progressLog, sayProgress } from "./progress-log.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";
import { runSideBySide } from "./side-by-side.ts";

/** What {@link pieceArgs} writes to stdout. */
const SAMPLE_BYTES = 2;

interface EncodeOptions {
  /** Where the sound goes, and what is needed for it. */
  scratch: string;
  /** How many programs run at once. */
  most: number;
  /** What else is to be done and is no longer than looking at the parts. */
  beside: readonly ((signal: AbortSignal) => Promise<unknown>)[];
  log: Log;
  signal: AbortSignal;
}

/** The sound of a whole interaction. */
export interface EncodedSound extends SoundFiles {
  peaks: Peaks;
}

/**
 * Mixes and encodes the sound of a whole interaction once, in pieces side by side; the file of each screen gets its
 * packets from here.
 *
 * @param inputs - absolute paths, one per part.
 * @returns null when there is none.
 * @throws SubprocessError with the end of ffmpeg's stderr.
 */
export async function encodeSound(
  { audio: parts, screens, durationMs }: UsablePlan,
  inputs: readonly string[],
  { scratch, most, beside, log, signal }: EncodeOptions,
): Promise<EncodedSound | null> {
  if (parts.length === 0) return null;
  let kinds: SoundKind[] = [];
  const look = async (stopped: AbortSignal) => {
    kinds = await listSoundKinds(inputs, stopped);
  };
  await runSideBySide<unknown>(most, [look, ...beside], signal);
  const { perMs, channels } = chooseMix(kinds);
  const samples = durationMs * perMs;
  const mix = { parts, inputs, kinds, perMs, channels };
  const pieces = cutSound(samples, perMs, most).map((piece, index) => ({
    ...piece,
    path: join(scratch, `piece-${index}.aac`),
  }));
  const peaks = new SoundPeaks(durationMs, perMs, channels);
  const jobs = pieces.map(({ path, ...piece }) => async (stopped: AbortSignal) => {
    const mediaMs = (piece.to - piece.from) / perMs;
    const say = sayProgress(log, "sound", mediaMs);
    const take = peaks.open(piece.from, piece.heard);
    let bytes = 0;
    const onStdout = (chunk: Buffer) => {
      take(chunk);
      bytes += chunk.length;
      say(bytes / (SAMPLE_BYTES * channels * perMs));
    };
    await runFfmpeg(pieceArgs(mix, piece, path), { mediaMs, signal: stopped, onStdout });
  });
  const needsOpus = screens.some(({ codec }) => screenContainer(codec) === "webm");
  const opus = needsOpus ? join(scratch, "sound.ogg") : null;
  if (opus !== null) {
    // It is the longest, for packets of Opus depend on all before them, so it comes first.
    jobs.unshift(async (stopped) => {
      const onStdout = progressLog(log, "sound in Opus", durationMs);
      const args = opusArgs({ ...mix, from: 0, to: samples }, opus);
      await runFfmpeg(args, { mediaMs: durationMs, signal: stopped, onStdout });
    });
  }
  await runSideBySide(most, jobs, signal);
  const aac = join(scratch, "sound.aac");
  await joinSound(pieces, aac);
  return { perMs, aac, opus, peaks: peaks.finish() };
}

async function listSoundKinds(inputs: readonly string[], signal: AbortSignal): Promise<SoundKind[]> {
  const listed = (await runFfmpeg(soundKindArgs(inputs), { mediaMs: 0, signal })).toString();
  const kinds = readSoundKinds(listed);
  if (kinds.length === inputs.length) return kinds;
  throw new DeskreelError("NO_SAMPLE_RATE", `of ${inputs.join(", ")} ffmpeg says ${JSON.stringify(listed)}`);
}
