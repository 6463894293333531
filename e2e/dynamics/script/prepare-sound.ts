import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "#shared/runtime/errors.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { encodeAudio } from "../../speech/encode-audio.ts";
import { synthesizeBeeps, synthesizeTones } from "../../speech/pcm.ts";
import { speakLines } from "../../speech/speak.ts";
import type { AudioPart } from "./audio-part.ts";
import { CallScriptError } from "./call-script.ts";
import { CALLS_FOLDER } from "./shipped-scripts.ts";

/** Makes a part's file, once it is known when its first sample was. */
export type RenderSound = (startsAt: EpochMs, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * Does beforehand what takes long or may fail (speaking, reading), so that a call that cannot be played is refused
 * before it rings.
 */
export async function prepareSound(part: AudioPart, signal: AbortSignal): Promise<RenderSound> {
  const { source, durationMs, format } = part;
  switch (source.kind) {
    case "file": {
      const bytes = await readFile(join(CALLS_FOLDER, source.path)).catch((cause: unknown) => {
        const problem = `/audio source/path ${source.path} cannot be read: ${describeError(cause)}`;
        throw new CallScriptError("the call script", [problem], { cause });
      });
      return () => Promise.resolve(bytes);
    }
    case "speech": {
      const sound = await speakLines(source.lines, durationMs, signal);
      return (_startsAt, signal) => encodeAudio(sound, format, signal);
    }
    case "tones":
      return (_startsAt, signal) => encodeAudio(synthesizeTones(durationMs, source), format, signal);
    case "beeps":
      return (startsAt, signal) => encodeAudio(synthesizeBeeps(startsAt, durationMs, source), format, signal);
  }
}
