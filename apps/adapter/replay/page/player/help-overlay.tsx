import { Dialog } from "../ui/dialog.tsx";
import { partWords } from "../words/part-words.ts";
import { playerWords } from "../words/player-words.ts";
import { shortcutWords } from "../words/shortcut-words.ts";
import type { PlayerModel } from "./player-model.ts";
import { type Shortcut, type ShortcutName, SHORTCUTS } from "./shortcuts.ts";

type Group = keyof ReturnType<typeof shortcutWords>["groups"];

/** In the order in which they are shown. */
const GROUPS: readonly Group[] = ["moment", "screens", "playing", "more"];
const GROUP_OF: Readonly<Record<ShortcutName, Group>> = {
  ...{ toggle: "playing", slower: "playing", faster: "playing", silence: "playing" },
  ...{ hold: "playing", loop: "playing", mute: "playing" },
  ...{ back: "moment", forward: "moment", backFar: "moment", forwardFar: "moment", start: "moment" },
  ...{ end: "moment", previousFrame: "moment", nextFrame: "moment", previousEvent: "moment" },
  ...{ nextEvent: "moment", layout: "screens", large: "screens", leave: "screens", fullScreen: "screens" },
  ...{ zoomIn: "more", zoomOut: "more", link: "more", note: "more", debug: "more", help: "more" },
};

/** What the keys do. */
export function HelpOverlay({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const { names, keys, groups } = shortcutWords();
  if (!model.isHelpOpen.value) return null;
  const close = () => (model.isHelpOpen.value = false);
  const isThere = (name: ShortcutName) =>
    model.source.server !== null || (name !== "link" && name !== "note");
  const shownKeys = ({ keys: pressed, shown }: Shortcut) =>
    (shown ?? pressed).map((key) => keys[key] ?? (key.length === 1 ? key.toUpperCase() : key));
  return (
    <Dialog
      title={words.shortcuts}
      class="help"
      onClose={close}
      onKeyDown={(event) => event.key === "?" && close()}
    >
      <button type="button" class="help-close" onClick={close}>
        {partWords().close}
      </button>
      <div class="help-groups">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{groups[group]}</h3>
            <dl>
              {SHORTCUTS.filter(({ name }) => GROUP_OF[name] === group && isThere(name)).map((shortcut) => (
                <div key={shortcut.name}>
                  <dt>
                    {shownKeys(shortcut).map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{names[shortcut.name]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
