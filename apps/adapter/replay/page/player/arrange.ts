/** How many columns make equal tiles largest, and how large. */
export interface Arrangement {
  columns: number;
  rows: number;
  /** Of the largest tile, picture and extra together, in the room's unit. */
  tileWidth: number;
  tileHeight: number;
}

interface TileRoom {
  width: number;
  height: number;
  /** Height that each tile takes beside its picture: its caption. */
  extra?: number;
  /** Between tiles, and between them and the room's edge. */
  gap?: number;
}

/**
 * Arranges screens side by side so that the pictures together are as large as can be.
 *
 * @param ratios - width / height of each picture.
 * @param room - in any one unit.
 */
export function arrangeTiles(ratios: readonly number[], room: TileRoom): Arrangement {
  const { width, height, extra = 0, gap = 0 } = room;
  let best: Arrangement = { columns: 1, rows: Math.max(1, ratios.length), tileWidth: 0, tileHeight: 0 };
  let bestWorth = 0;
  for (let columns = 1; columns <= ratios.length; columns++) {
    const rows = Math.ceil(ratios.length / columns);
    const most = (width - gap * (columns + 1)) / columns;
    const roomHeight = Math.max(0, (height - gap * (rows + 1)) / rows - extra);
    const pictures = ratios.map((ratio) => fitPicture(ratio, most, roomHeight));
    // Twice the area is less than twice as good: one that becomes huge does not make up for small others.
    const worth = pictures.reduce((sum, picture) => sum + Math.sqrt(picture.width * picture.height), 0);
    if (worth <= bestWorth) continue;
    bestWorth = worth;
    const tileWidth = Math.max(...pictures.map((picture) => picture.width));
    const tileHeight = Math.max(...pictures.map((picture) => picture.height)) + extra;
    best = { columns, rows, tileWidth, tileHeight };
  }
  return best;
}

/** As large as a picture can be in a room. */
export function fitPicture(ratio: number, width: number, height: number): { width: number; height: number } {
  const fitted = Math.max(0, Math.min(width, height * ratio));
  return { width: fitted, height: fitted / ratio };
}
