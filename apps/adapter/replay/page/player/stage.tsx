import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../ui/icon.tsx";
import { playerWords } from "../words/player-words.ts";
import { arrangeTiles, fitPicture } from "./arrange.ts";
import type { PlayerModel } from "./player-model.ts";
import { Tile } from "./tile.tsx";

const CAPTION_PX = 26;
/** Between tiles, and around them. */
const GAP_PX = 8;
/** Between an inset and the edge of the picture that it lies over. */
const INSET_PX = 12;
/** More small pictures would not fit above each other. */
const INSETS_A_COLUMN = 3;

/** The screens: side by side, one large with the others beside it, or the others within it. */
export function Stage({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const element = useRef<HTMLElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  useEffect(() => {
    const stage = element.current;
    if (stage === null) return;
    const sizes = new ResizeObserver(
      () => (size.value = { width: stage.clientWidth, height: stage.clientHeight }),
    );
    sizes.observe(stage);
    return () => sizes.disconnect();
  }, []);

  const { screens } = model;
  const layout = screens.length > 1 ? model.layout.value : "grid";
  const ratios = screens.map(({ player }) => player.screen.width / player.screen.height);
  const { width, height } = size.value;
  const room = { width, height, extra: CAPTION_PX, gap: GAP_PX };
  const { columns, rows, tileWidth, tileHeight } = arrangeTiles(ratios, room);
  const [across, down] = [Math.max(0, width - 2 * GAP_PX), Math.max(0, height - 2 * GAP_PX)];
  const largeRatio = ratios[model.large.value] ?? 1;
  const large = fitPicture(largeRatio, across, down - CAPTION_PX);
  const style = {
    "--columns": columns,
    "--rows": layout === "grid" ? rows : Math.max(1, screens.length - 1),
    "--tile-width": `${tileWidth}px`,
    "--tile-height": `${tileHeight}px`,
    "--room": `${down}px`,
    // What a large picture as high as the room leaves beside it.
    "--beside": `${across - large.width - GAP_PX}px`,
    "--inset-right": `${(width - large.width) / 2 + INSET_PX}px`,
    "--inset-bottom": `${(height - large.height - CAPTION_PX) / 2 + INSET_PX}px`,
  };
  const others = screens.map((_, index) => index).filter((index) => index !== model.large.value);
  return (
    <section ref={element} class={`stage ${layout}`} aria-label={words.stage} style={style}>
      {screens.length === 0 && (
        <p class="stage-empty">
          <Icon name="no-screen" />
          {words.noScreens}
        </p>
      )}
      {screens.map((screen, index) => {
        const isLarge = layout !== "grid" && index === model.large.value;
        const small = layout === "grid" ? "equal" : "small";
        return (
          <div
            key={screen.player.screen.file}
            class={`place ${isLarge ? "large" : small}`}
            style={{
              "--nth": others.indexOf(index) % INSETS_A_COLUMN,
              "--column": Math.floor(others.indexOf(index) / INSETS_A_COLUMN),
            }}
          >
            <Tile model={model} screen={screen} index={index} role={isLarge ? "large" : small} />
          </div>
        );
      })}
    </section>
  );
}
