import type { DurationMs } from "#shared/time/units.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { runFfprobe } from "./run-ffmpeg.ts";

/**
 * A media file's length as players show it, in whole ms.
 *
 * @throws DeskreelError `NO_LENGTH` when ffprobe does not find one.
 */
export async function probeLength(path: string, signal: AbortSignal): Promise<DurationMs> {
  const text = await runFfprobe(
    ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
    signal,
  );
  const seconds = Number.parseFloat(text.toString());
  if (Number.isFinite(seconds)) return Math.round(seconds * 1_000);
  throw new DeskreelError(
    "NO_LENGTH",
    `${path} has no length, ffprobe says ${JSON.stringify(text.toString())}`,
  );
}
