import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

export interface Suggestion {
  value: string;
  label: string;
}

/**
 * One of very many values: typed, with suggestions to choose from. Empty stands for all.
 *
 * @param suggest - those that have the text in them; called anew with each letter, the call before aborted.
 */
export function SuggestedChoice(props: {
  label: string;
  all: string;
  chosen: string;
  none: string;
  count: (count: number) => string;
  suggest: (text: string, signal: AbortSignal) => Promise<readonly Suggestion[]>;
  onChoose: (value: string) => void;
}) {
  const { label, all, chosen, suggest, onChoose } = props;
  const [text, setText] = useState<string | null>(null);
  const [suggestions, setSuggestions] = useState<readonly Suggestion[] | null>(null);
  const [active, setActive] = useState(-1);
  const labels = useRef(new Map<string, string>());
  const room = useRef<HTMLDivElement>(null);
  const id = useId();
  const isOpen = text !== null && suggestions !== null;

  useEffect(() => {
    if (text === null) return;
    const asked = new AbortController();
    suggest(text, asked.signal).then(
      (found) => {
        for (const one of found) labels.current.set(one.value, one.label);
        setSuggestions(found);
        setActive(-1);
      },
      () => {
        // Without suggestions the whole value can still be typed; the list itself says that the server is away.
        if (!asked.signal.aborted) setSuggestions([]);
      },
    );
    return () => asked.abort();
  }, [text]);

  const close = () => {
    setText(null);
    setSuggestions(null);
  };
  const choose = (value: string) => {
    close();
    if (value !== chosen) onChoose(value);
  };
  const onKey = (event: KeyboardEvent) => {
    const count = suggestions?.length ?? 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      event.stopPropagation();
      if (text === null) setText("");
      else if (count > 0)
        setActive((was) => (was + (event.key === "ArrowDown" ? 1 : was < 0 ? 0 : count - 1)) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const exact = suggestions?.[active] ?? (suggestions?.length === 1 ? suggestions[0] : undefined);
      choose(exact?.value ?? (text ?? chosen).trim());
    } else if (event.key === "Escape" && text !== null) {
      event.stopPropagation();
      close();
    }
  };

  return (
    <div
      class="suggested"
      ref={room}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && room.current?.contains(to))) close();
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        class={chosen === "" ? undefined : "in-use"}
        placeholder={all}
        value={text ?? labels.current.get(chosen) ?? chosen}
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => setText((was) => was ?? "")}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKey}
      />
      {chosen === "" ? (
        <Icon name="down" />
      ) : (
        <button type="button" class="plain" aria-label={`${label}: ${all}`} onClick={() => choose("")}>
          <Icon name="not-recorded" />
        </button>
      )}
      {isOpen && (
        <ul id={id} class="menu" role="listbox" aria-label={label}>
          {suggestions.map((one, index) => (
            <li
              key={one.value}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              // Before the field loses the focus.
              onPointerDown={(event) => {
                event.preventDefault();
                choose(one.value);
              }}
            >
              {one.label}
              {one.label !== one.value && <span class="quiet">{one.value}</span>}
            </li>
          ))}
        </ul>
      )}
      <span class="visually-hidden" role="status">
        {isOpen ? (suggestions.length === 0 ? props.none : props.count(suggestions.length)) : ""}
      </span>
    </div>
  );
}
