import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "#shared/runtime/subprocess.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { findFlashes } from "../../apps/adapter/rig/made-media.ts";
import { lightnessOut, parseLightness } from "../../apps/adapter/rig/read-lightness.ts";
import { BEEPS_OUT, findBeeps } from "./read-beeps.ts";

/** What is seen and heard in a made file, from its start. */
interface SeenMedia {
  flashes: DurationMs[];
  beeps: DurationMs[];
}

/**
 * What {@link findFlashes} and {@link findBeeps} find in a file with both, by one ffmpeg: its start takes longer than all
 * that it does here.
 *
 * @throws SubprocessError when a picture or a sample does not decode.
 */
export async function readMedia(file: string): Promise<SeenMedia> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-read-"));
  try {
    const sound = join(folder, "sound.pcm");
    const text = await run("ffmpeg", [
      // Broken pictures are told, but no error without -xerror.
      ...["-v", "error", "-xerror", "-copyts", "-i", file],
      ...[...lightnessOut(), "-", ...BEEPS_OUT, sound],
    ]);
    return {
      flashes: findFlashes(parseLightness(file, text.toString())),
      beeps: findBeeps(await readFile(sound)),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
