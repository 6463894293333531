import { formatFine, formatTimeOfDay } from "../format.ts";
import { callWords } from "../words/call-words.ts";
import type { PlayerModel } from "./player-model.ts";
import { placeOnScreen, stretchWithoutPicture } from "./sync.ts";
import { SpriteCanvas } from "./sprite-canvas.tsx";

/** More small pictures beside each other are too much. */
const MOST_PICTURES = 3;
const PICTURE_WIDTH = 200;

/** What the timeline shows under the pointer: the time, small pictures of that moment, and what is missing there. */
export function HoverPreview(props: { model: PlayerModel; atMs: number; left: number; label: string }) {
  const { model, atMs, left, label } = props;
  const call = callWords();
  const missing = model.screens.flatMap(({ player, name }) => {
    const stretch = stretchWithoutPicture(atMs, player.screen.coverage);
    return stretch === null ? [] : [`${name} · ${player.screen.display}: ${call.stretch(stretch)}`];
  });
  const pictures = (model.artefacts.value.thumbnails ?? [])
    .flatMap((thumbnails) => {
      const screen = model.screens.find(({ player }) => player.screen.file === thumbnails.file)?.player
        .screen;
      const place = screen === undefined ? null : placeOnScreen(atMs, screen);
      return place?.phase === "during" ? [{ thumbnails, localMs: place.localMs }] : [];
    })
    .slice(0, MOST_PICTURES);
  return (
    <div class="hover-preview" style={{ "--at": `${left}px`, "--pictures": Math.max(1, pictures.length) }}>
      {pictures.length > 0 && (
        <div class="hover-pictures">
          {pictures.map(({ thumbnails, localMs }) => (
            <SpriteCanvas
              key={thumbnails.file}
              sheets={model.sheets}
              width={PICTURE_WIDTH}
              thumbnails={thumbnails}
              localMs={localMs}
            />
          ))}
        </div>
      )}
      <div class="hover-text">
        <strong>{formatFine(atMs)}</strong> {formatTimeOfDay(model.startedAt + atMs)}
        {label !== "" && <div>{label}</div>}
        {missing.map((text) => (
          <div key={text} class="hover-missing">
            {text}
          </div>
        ))}
      </div>
    </div>
  );
}
