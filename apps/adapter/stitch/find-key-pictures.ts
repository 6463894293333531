import type { DurationMs } from "#shared/time/units.ts";
import type { PieceFile } from "../domain/cut-list.ts";
import { runFfprobe } from "./run-ffmpeg.ts";

/** A picture is within 20 ms of its time, or its segment ends; coverage rounds, and goes by arrival where that is earlier. */
const NEAR_MS: DurationMs = 100;

/** The time of the key picture that each piece can begin with; null where a piece begins with its file or none is near. */
export async function findKeyPictures(
  pieces: readonly PieceFile[],
  signal: AbortSignal,
): Promise<(DurationMs | null)[]> {
  const keys: (DurationMs | null)[] = [];
  for (const { path, fromMs } of pieces) {
    keys.push(fromMs === undefined ? null : await findKeyPicture(path, fromMs, signal));
  }
  return keys;
}

/** The time of the key picture that is nearest to a time, and near it; null when none is. */
export async function findKeyPicture(
  path: string,
  atMs: DurationMs,
  signal: AbortSignal,
): Promise<DurationMs | null> {
  const [from, to] = [Math.max(0, atMs - NEAR_MS), atMs + NEAR_MS].map((ms) => (ms / 1_000).toFixed(3));
  const text = await runFfprobe(
    [
      ...["-v", "error", "-select_streams", "v:0", "-read_intervals", `${from}%${to}`],
      ...["-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", path],
    ],
    signal,
  );
  // It reads from the key picture before on.
  const near = text
    .toString()
    .split("\n")
    .filter((line) => line.includes("K"))
    .map((line) => Number.parseFloat(line) * 1_000)
    .filter((ms) => Math.abs(ms - atMs) <= NEAR_MS);
  return near.toSorted((a, b) => Math.abs(a - atMs) - Math.abs(b - atMs))[0] ?? null;
}
