import { Dialog } from "../ui/dialog.tsx";
import { partWords } from "../words/part-words.ts";
import { playerWords } from "../words/player-words.ts";
import { shortcutWords } from "../words/shortcut-words.ts";
import type { PlayerModel } from "./player-model.ts";
import { SHORTCUTS } from "./shortcuts.ts";

/** What the keys do. */
export function HelpOverlay({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const names = shortcutWords();
  if (!model.isHelpOpen.value) return null;
  const close = () => (model.isHelpOpen.value = false);
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
      <dl>
        {SHORTCUTS.filter(
          ({ name }) => model.source.server !== null || (name !== "link" && name !== "note"),
        ).map(({ name, keys, shown }) => (
          <div key={name}>
            <dt>
              {(shown ?? keys.map((key) => (key.length === 1 ? key.toUpperCase() : key))).map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{names[name]}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
