const THUMBNAILS_FORMAT = "deskreel.thumbnails/1";

/** The small pictures of one screen, in sheets row by row. */
export interface ScreenThumbnails {
  /** The screen's file. */
  file: string;
  /** Of one picture, in px. */
  width: number;
  height: number;
  columns: number;
  /** Picture i shows the screen's own time i · everyMs. */
  everyMs: number;
  /** Of all sheets together. */
  count: number;
  sheets: readonly { file: string; count: number }[];
}

/** Where a small picture is. */
export interface Sprite {
  /** The sheet's file. */
  sheet: string;
  /** Of its corner in the sheet, in px. */
  left: number;
  top: number;
}

/**
 * @param stored - `thumbnails.json` as it was read.
 * @throws Error when it is of another format.
 */
export function decodeThumbnails(stored: unknown): readonly ScreenThumbnails[] {
  const { format, screens } = stored as { format?: unknown; screens?: unknown };
  if (format !== THUMBNAILS_FORMAT || !Array.isArray(screens))
    throw new Error(`thumbnails.json is not of the format ${THUMBNAILS_FORMAT}`);
  if (!screens.every(isScreen)) throw new Error("thumbnails.json names a screen without its pictures");
  return screens;
}

function isScreen(stored: unknown): stored is ScreenThumbnails {
  const { file, sheets, ...rest } = (stored ?? {}) as Partial<Record<keyof ScreenThumbnails, unknown>>;
  const { width, height, columns, everyMs, count } = rest;
  return (
    typeof file === "string" &&
    [width, height, columns, everyMs].every((value) => typeof value === "number" && value > 0) &&
    typeof count === "number" &&
    Array.isArray(sheets) &&
    sheets.every((sheet: unknown) => isSheet(sheet))
  );
}

function isSheet(stored: unknown): boolean {
  const { file, count } = (stored ?? {}) as { file?: unknown; count?: unknown };
  return typeof file === "string" && typeof count === "number";
}

/** The picture of a screen at its own time: the newest that is not later; null when there is none. */
export function spriteAt(screen: ScreenThumbnails, localMs: number): Sprite | null {
  let index = Math.min(screen.count - 1, Math.floor(localMs / screen.everyMs));
  if (index < 0) return null;
  for (const { file, count } of screen.sheets) {
    if (index < count) {
      const [row, column] = [Math.floor(index / screen.columns), index % screen.columns];
      return { sheet: file, left: column * screen.width, top: row * screen.height };
    }
    index -= count;
  }
  return null;
}
