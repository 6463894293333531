/** How many columns make equal tiles largest. */
export interface Arrangement {
  columns: number;
  rows: number;
}

/**
 * Arranges screens side by side so that the pictures together are as large as can be.
 *
 * @param ratios - width / height of each picture.
 * @param width - of the room, any unit.
 * @param height - of the room, the same unit.
 * @param extra - height that each tile takes beside its picture (its caption), the same unit.
 */
export function arrangeTiles(
  ratios: readonly number[],
  width: number,
  height: number,
  extra = 0,
): Arrangement {
  let best: Arrangement = { columns: 1, rows: Math.max(1, ratios.length) };
  let bestArea = 0;
  for (let columns = 1; columns <= ratios.length; columns++) {
    const rows = Math.ceil(ratios.length / columns);
    const roomHeight = Math.max(0, height / rows - extra);
    const area = ratios.reduce(
      (sum, ratio) => sum + Math.min(width / columns, roomHeight * ratio) ** 2 / ratio,
      0,
    );
    if (area <= bestArea) continue;
    bestArea = area;
    best = { columns, rows };
  }
  return best;
}
