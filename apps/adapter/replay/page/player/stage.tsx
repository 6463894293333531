import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { playerWords } from "../words/player-words.ts";
import { arrangeTiles } from "./arrange.ts";
import type { PlayerModel } from "./player-model.ts";
import { Tile } from "./tile.tsx";

const CAPTION_PX = 28;
/** Above and below the tiles. */
const PADDING_PX = 16;
/** More small pictures would not fit above each other. */
const INSETS_A_COLUMN = 3;

/** The screens: side by side, one large with the others beside it, or the others within it. */
export function Stage({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const room = useRef<HTMLElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  useEffect(() => {
    const element = room.current;
    if (element === null) return;
    const sizes = new ResizeObserver(
      () => (size.value = { width: element.clientWidth, height: element.clientHeight }),
    );
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);

  const { screens } = model;
  const layout = screens.length > 1 ? model.layout.value : "grid";
  const ratios = screens.map(({ player }) => player.screen.width / player.screen.height);
  const { columns, rows } = arrangeTiles(ratios, size.value.width, size.value.height, CAPTION_PX);
  const style = {
    "--columns": columns,
    "--room": `${Math.max(0, size.value.height - PADDING_PX)}px`,
    "--rows": layout === "grid" ? rows : Math.max(1, screens.length - 1),
  };
  const others = screens.map((_, index) => index).filter((index) => index !== model.large.value);
  return (
    <section ref={room} class={`stage ${layout}`} aria-label={words.stage} style={style}>
      {screens.length === 0 && <p class="stage-empty">{words.noScreens}</p>}
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
