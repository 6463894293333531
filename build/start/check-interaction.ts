import { join } from "node:path";
import type { Manifest } from "#shared/archive/manifest.ts";
import { probeMedia } from "../../e2e/media/probe.ts";

/** How far a file's length may be from the manifest's: one AAC frame or a rounded picture, not more. */
const LENGTH_TOLERANCE_MS = 60;

/**
 * Asks ffprobe about every media file of an interaction.
 *
 * @param folder - the version folder.
 * @returns a line per disagreement between file and manifest; empty when all agree.
 */
export async function disagreements(folder: string, manifest: Manifest): Promise<string[]> {
  const found: string[] = [];
  const compare = (
    file: string,
    what: string,
    expected: unknown,
    actual: unknown,
    isEqual = expected === actual,
  ) => {
    if (!isEqual) found.push(`${file}: ${what} is ${String(actual)}, the manifest says ${String(expected)}`);
  };
  const compareLength = (file: string, expected: number, actual: number) =>
    compare(file, "durationMs", expected, actual, Math.abs(expected - actual) <= LENGTH_TOLERANCE_MS);

  if (manifest.audio !== null) {
    const probe = await probeMedia(join(folder, manifest.audio.file));
    compare(manifest.audio.file, "sound", true, probe.audio !== null);
    compareLength(manifest.audio.file, manifest.durationMs, probe.durationMs);
  }
  for (const screen of manifest.screens) {
    const probe = await probeMedia(join(folder, screen.file));
    compare(screen.file, "width", screen.width, probe.video?.width);
    compare(screen.file, "height", screen.height, probe.video?.height);
    compare(screen.file, "sound", manifest.audio !== null, probe.audio !== null);
    compareLength(screen.file, screen.durationMs, probe.durationMs);
  }
  return found;
}
