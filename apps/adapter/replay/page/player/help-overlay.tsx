import { useEffect, useRef } from "preact/hooks";
import { playerWords } from "../words/player-words.ts";
import { shortcutWords } from "../words/shortcut-words.ts";
import type { PlayerModel } from "./player-model.ts";
import { SHORTCUTS } from "./shortcuts.ts";

/** What the keys do. */
export function HelpOverlay({ model }: { model: PlayerModel }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const words = playerWords();
  const names = shortcutWords();
  const isOpen = model.isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  if (!isOpen) return null;
  const close = () => (model.isHelpOpen.value = false);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={close}
      onKeyDown={(event) => event.key === "?" && close()}
    >
      <header>
        <h2 id="help-title">{words.shortcuts}</h2>
        <button type="button" onClick={close}>
          {words.close}
        </button>
      </header>
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
    </dialog>
  );
}
