/** One line of a list: a heading over what follows, or an item. */
export type Line<Item> =
  | { kind: "heading"; text: string; top: number; height: number }
  | { kind: "item"; item: Item; index: number; top: number; height: number };

export const HEADING_HEIGHT = 28;
export const ITEM_HEIGHT = 48;

/** Lays lines one below the other, a heading wherever an item's is another than that of the item before. */
export function layOut<Item>(items: readonly Item[], headingOf: (item: Item) => string | null): Line<Item>[] {
  const lines: Line<Item>[] = [];
  let top = 0;
  let heading: string | null = null;
  for (const [index, item] of items.entries()) {
    const itsHeading = headingOf(item);
    if (itsHeading !== null && itsHeading !== heading) {
      lines.push({ kind: "heading", text: itsHeading, top, height: HEADING_HEIGHT });
      top += HEADING_HEIGHT;
    }
    heading = itsHeading;
    lines.push({ kind: "item", item, index, top, height: ITEM_HEIGHT });
    top += ITEM_HEIGHT;
  }
  return lines;
}

/** How high all lines are. */
export function heightOf(lines: readonly { top: number; height: number }[]): number {
  const last = lines.at(-1);
  return last === undefined ? 0 : last.top + last.height;
}

/** The lines, as [first, after the last], that touch the stretch from `top` to `bottom`. */
export function linesWithin(
  lines: readonly { top: number; height: number }[],
  top: number,
  bottom: number,
): [number, number] {
  const first = firstWhere(lines, (line) => line.top + line.height > top);
  const after = firstWhere(lines, (line) => line.top >= bottom);
  return [first, Math.max(first, after)];
}

/** The first index for which it holds; it holds for all behind it. By halves: there may be a million. */
function firstWhere<Line>(lines: readonly Line[], holds: (line: Line) => boolean): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle];
    if (line !== undefined && holds(line)) high = middle;
    else low = middle + 1;
  }
  return low;
}
