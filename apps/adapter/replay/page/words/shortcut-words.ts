import type { ShortcutName } from "../player/shortcuts.ts";
import { catalogue } from "./language.ts";

interface ShortcutWords {
  groups: Record<"moment" | "screens" | "playing" | "more", string>;
  /** What stands on keys, by `KeyboardEvent.key`, where it is another than that. */
  keys: Readonly<Record<string, string>>;
  names: Record<ShortcutName, string>;
}

const ARROWS = { ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", "-": "−" };

/** What the play view's keys do. */
export const shortcutWords = catalogue<ShortcutWords>(
  {
    groups: { moment: "Moving", screens: "Screens", playing: "Playing", more: "Timeline and more" },
    keys: { ...ARROWS, " ": "Space", PageUp: "Page ↑", PageDown: "Page ↓" },
    names: {
      toggle: "Play or pause",
      back: "Back 10 s",
      forward: "Forward 10 s",
      backFar: "Back 1 min",
      forwardFar: "Forward 1 min",
      start: "To the beginning",
      end: "To the end",
      previousFrame: "Previous picture",
      nextFrame: "Next picture",
      previousEvent: "Previous event",
      nextEvent: "Next event",
      slower: "Slower",
      faster: "Faster",
      silence: "Skip silence",
      hold: "Skip hold",
      loop: "Repeat: mark A, mark B, stop",
      mute: "Mute",
      layout: "Next layout",
      large: "Show the screen of this number large",
      fullScreen: "Full screen",
      link: "Copy a link to this moment",
      note: "Write a note at this moment",
      zoomIn: "Show less of the timeline",
      zoomOut: "Show more of the timeline",
      debug: "Measurements: drift, dropped pictures, seeks",
      help: "This list",
      leave: "Side by side",
    },
  },
  {
    groups: {
      moment: "Springen",
      screens: "Bildschirme",
      playing: "Wiedergabe",
      more: "Zeitleiste und mehr",
    },
    keys: { ...ARROWS, " ": "Leertaste", PageUp: "Bild ↑", PageDown: "Bild ↓", Home: "Pos1", End: "Ende" },
    names: {
      toggle: "Abspielen oder anhalten",
      back: "10 s zurück",
      forward: "10 s vor",
      backFar: "1 min zurück",
      forwardFar: "1 min vor",
      start: "Zum Anfang",
      end: "Zum Ende",
      previousFrame: "Voriges Bild",
      nextFrame: "Nächstes Bild",
      previousEvent: "Voriges Ereignis",
      nextEvent: "Nächstes Ereignis",
      slower: "Langsamer",
      faster: "Schneller",
      silence: "Stille überspringen",
      hold: "Halten überspringen",
      loop: "Wiederholen: A setzen, B setzen, beenden",
      mute: "Stumm schalten",
      layout: "Nächste Anordnung",
      large: "Bildschirm dieser Nummer groß zeigen",
      fullScreen: "Vollbild",
      link: "Link zu dieser Stelle kopieren",
      note: "Notiz zu dieser Stelle schreiben",
      zoomIn: "Weniger von der Zeitleiste zeigen",
      zoomOut: "Mehr von der Zeitleiste zeigen",
      debug: "Messwerte: Abstand, ausgelassene Bilder, Sprünge",
      help: "Diese Liste",
      leave: "Nebeneinander",
    },
  },
);
