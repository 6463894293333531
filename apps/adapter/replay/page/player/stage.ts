import { h } from "../dom.ts";
import { arrangeTiles } from "./arrange.ts";
import type { ScreenTile } from "./screen-tile.ts";

const CAPTION_PX = 28;

/** The screens, side by side, or one large and the others beside it. */
export interface Stage {
  readonly element: HTMLElement;
  showSideBySide(): void;
}

/** @param signal - ends the watching of the room's size. */
export function createStage(tiles: readonly ScreenTile[], signal: AbortSignal): Stage {
  const element = h("div", { class: "stage", "data-count": tiles.length });
  element.append(...tiles.map((tile) => tile.element));
  if (tiles.length === 0) {
    element.append(h("div", { class: "stage-empty" }, "No screen was recorded in this call."));
  }
  let enlarged: ScreenTile | null = null;

  const arrange = () => {
    element.classList.toggle("has-enlarged", enlarged !== null);
    const others = enlarged === null ? tiles.length : tiles.length - 1;
    const ratios = tiles.map(({ screen }) => screen.width / screen.height);
    const { columns, rows } = arrangeTiles(ratios, element.clientWidth, element.clientHeight, CAPTION_PX);
    element.style.setProperty("--columns", String(columns));
    element.style.setProperty("--rows", String(enlarged === null ? rows : Math.max(1, others)));
    for (const tile of tiles) tile.showEnlarged(tile === enlarged);
  };
  const enlarge = (tile: ScreenTile | null) => {
    enlarged = tile;
    arrange();
  };
  for (const tile of tiles) {
    const toggle = () => enlarge(enlarged === tile ? null : tile);
    // One screen has all the room already.
    tile.enlargeButton.hidden = tiles.length < 2;
    if (tiles.length < 2) continue;
    tile.enlargeButton.addEventListener("click", toggle);
    tile.element.querySelector(".tile-picture")?.addEventListener("click", toggle);
  }
  const sizes = new ResizeObserver(arrange);
  sizes.observe(element);
  signal.addEventListener("abort", () => sizes.disconnect(), { once: true });
  return { element, showSideBySide: () => enlarge(null) };
}
