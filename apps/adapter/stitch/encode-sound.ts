import { join } from "node:path";
import type { Log } from "#shared/runtime/log.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { EncodedSound } from "../domain/ffmpeg-args.ts";
import { screenContainer } from "../domain/screen-container.ts";
import { chooseMixRate, opusArgs, pieceArgs, readSampleRates, sampleRateArgs } from "../domain/sound-args.ts";
import { cutSound } from "../domain/sound-pieces.ts";
import type { UsablePlan } from "../domain/archived-source.ts";
import { joinSound } from "./join-sound.ts";
import { progressLog } from "./progress-log.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";
import { runSideBySide } from "./side-by-side.ts";

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
  let sampleRates: number[] = [];
  const look = async (stopped: AbortSignal) => {
    sampleRates = await listSampleRates(inputs, stopped);
  };
  await runSideBySide<unknown>(most, [look, ...beside], signal);
  const perMs = chooseMixRate(sampleRates);
  const samples = durationMs * perMs;
  const mix = { parts, inputs, perMs };
  const pieces = cutSound(samples, perMs, most).map((piece, index) => ({
    ...piece,
    path: join(scratch, `piece-${index}.aac`),
  }));
  const jobs = pieces.map(({ path, ...piece }) => async (stopped: AbortSignal) => {
    const mediaMs = (piece.to - piece.from) / perMs;
    const onStdout = progressLog(log, "sound", mediaMs);
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
  return { perMs, aac, opus };
}

async function listSampleRates(inputs: readonly string[], signal: AbortSignal): Promise<number[]> {
  const listed = (await runFfmpeg(sampleRateArgs(inputs), { mediaMs: 0, signal })).toString();
  const rates = readSampleRates(listed);
  if (rates.length === inputs.length) return rates;
  throw new DeskreelError("NO_SAMPLE_RATE", `of ${inputs.join(", ")} ffmpeg says ${JSON.stringify(listed)}`);
}
