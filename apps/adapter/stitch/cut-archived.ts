import type { PieceFile } from "../domain/cut-list.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { findKeyPicture } from "./find-key-pictures.ts";

/** What of an archived screen a piece shows, from one key picture up to another or the file's end. */
export async function cutArchived(
  path: string,
  { fromMs, holdMs }: { fromMs: DurationMs; holdMs: DurationMs },
  signal: AbortSignal,
): Promise<PieceFile> {
  const toMs = fromMs + holdMs;
  const end = (await findKeyPicture(path, toMs, signal)) ?? toMs;
  if (fromMs === 0) return { path, holdMs, toMs: end };
  return { path, fromMs: (await findKeyPicture(path, fromMs, signal)) ?? fromMs, toMs: end, holdMs };
}
