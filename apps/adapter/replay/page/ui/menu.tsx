import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

/**
 * A button that opens a menu. Its entries are {@link MenuChoice} and {@link MenuAction}; arrows go through them, Escape
 * and a press elsewhere close it.
 */
export function Menu(props: { label: string; face: ComponentChildren; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  const room = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (withFocus: boolean) => {
    setOpen(false);
    if (withFocus) button.current?.focus();
  };

  useEffect(() => {
    if (!isOpen) return;
    entriesIn(room.current)[0]?.focus();
    const onPress = (event: Event) => {
      if (!(event.target instanceof Node && room.current?.contains(event.target))) close(false);
    };
    document.addEventListener("pointerdown", onPress);
    return () => document.removeEventListener("pointerdown", onPress);
  }, [isOpen]);

  const onKey = (event: KeyboardEvent) => {
    if (!isOpen) return;
    const entries = entriesIn(room.current);
    const index = entries.findIndex((entry) => entry === document.activeElement);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      entries.at(next % entries.length)?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      close(true);
    } else if (event.key === "Tab") close(false);
  };

  return (
    <div class="menu-room" ref={room} onKeyDown={onKey}>
      <button
        ref={button}
        type="button"
        class="plain"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={props.label}
        onClick={() => setOpen(!isOpen)}
      >
        {props.face}
        <Icon name="down" />
      </button>
      {isOpen && (
        <div id={id} class="menu" role="menu" aria-label={props.label}>
          {props.children}
        </div>
      )}
    </div>
  );
}

/** Some entries of which one is chosen. */
export function MenuChoice<Value extends string>(props: {
  label: string;
  options: readonly Value[];
  textOf: (value: Value) => string;
  chosen: Value;
  onChoose: (value: Value) => void;
}) {
  return (
    <div role="group" aria-label={props.label} class="menu-group">
      <div class="menu-label" aria-hidden="true">
        {props.label}
      </div>
      {props.options.map((value) => (
        <button
          key={value}
          type="button"
          role="menuitemradio"
          aria-checked={value === props.chosen}
          tabIndex={-1}
          onClick={() => props.onChoose(value)}
        >
          <Icon name={value === props.chosen ? "recorded" : "none"} />
          {props.textOf(value)}
        </button>
      ))}
    </div>
  );
}

/** An entry that does something. */
export function MenuAction({ onAct, children }: { onAct: () => void; children: ComponentChildren }) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} onClick={onAct}>
      <Icon name="none" />
      {children}
    </button>
  );
}

function entriesIn(room: HTMLElement | null): HTMLElement[] {
  return [...(room?.querySelectorAll<HTMLElement>('[role="menu"] button') ?? [])];
}
