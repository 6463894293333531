import type { DurationMs } from "#shared/time/units.ts";

/** A file of a screen, or what of it is shown from one of its pictures on. */
export interface PieceFile {
  /** Absolute. */
  path: string;
  /** Where in the file the piece begins, as well as the plan knows it; absent: at its beginning. */
  fromMs?: DurationMs;
  /** The first picture of the file that is not shown; absent: what follows in the screen says so. */
  toMs?: DurationMs;
  /** How long it counts in the joined file. */
  holdMs: DurationMs;
}

/** A piece that can be joined as it is: it begins with a key picture. */
export type ListedPiece = PieceFile;

/**
 * Cuts files at the very pictures from which they can be decoded. A part begins at its key picture and the one before it
 * takes all pictures up to there, so that none is lost and none shown twice; the key picture keeps its own time, and
 * what is in front of it lasts that much longer or shorter. Where no key picture is, there can be no cut: the file goes
 * on, its last picture stays, and what was to be shown in between is left out.
 *
 * @param keys - for each piece with `fromMs` the time of its key picture in the file, null when there is none near it.
 */
export function cutAtKeys(pieces: readonly PieceFile[], keys: readonly (DurationMs | null)[]): ListedPiece[] {
  const listed: ListedPiece[] = [];
  for (const [index, piece] of pieces.entries()) {
    const begun = piece.fromMs === undefined ? -1 : listed.findLastIndex(({ path }) => path === piece.path);
    const first = listed[begun];
    if (piece.fromMs === undefined || first === undefined) {
      listed.push({ ...piece });
      continue;
    }
    const key = keys[index] ?? null;
    const lateMs = key === null ? 0 : Math.round(key - piece.fromMs);
    if (key === null || lateMs >= piece.holdMs) {
      const between = listed.splice(begun).reduce((sum, { holdMs }) => sum + holdMs, 0);
      const { toMs: _toMs, ...whole } = first;
      const end = piece.toMs === undefined ? {} : { toMs: piece.toMs };
      listed.push({ ...whole, ...end, holdMs: between + piece.holdMs });
      continue;
    }
    first.toMs ??= key;
    const before = listed.at(-1) ?? first;
    before.holdMs += lateMs;
    listed.push({ ...piece, fromMs: key, holdMs: piece.holdMs - lateMs });
  }
  return listed;
}
