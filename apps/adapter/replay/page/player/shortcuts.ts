import { JUMP_MS, LAYOUTS, type PlayerModel } from "./player-model.ts";

/** What a key does, by its name in the words' `keys`. */
export interface Shortcut {
  name: ShortcutName;
  /** As `KeyboardEvent.key` says it. */
  keys: readonly string[];
  /** Where the keys themselves are not what people read. */
  shown?: readonly string[];
  act: (player: PlayerActions) => void;
}

/** What keys and buttons do beside the model's own acts. */
export interface PlayerActions {
  model: PlayerModel;
  copyLink(): void;
  toggleFullScreen(): void;
  addNote(): void;
}

export type ShortcutName =
  | "toggle"
  | "back"
  | "forward"
  | "backFar"
  | "forwardFar"
  | "start"
  | "end"
  | "previousFrame"
  | "nextFrame"
  | "previousEvent"
  | "nextEvent"
  | "slower"
  | "faster"
  | "silence"
  | "hold"
  | "loop"
  | "mute"
  | "layout"
  | "large"
  | "fullScreen"
  | "link"
  | "note"
  | "zoomIn"
  | "zoomOut"
  | "debug"
  | "help"
  | "leave";

const FAR = 6;

export const SHORTCUTS: readonly Shortcut[] = [
  { name: "toggle", keys: [" ", "k"], act: ({ model }) => model.toggle() },
  { name: "back", keys: ["ArrowLeft"], act: ({ model }) => model.jump(-JUMP_MS) },
  { name: "forward", keys: ["ArrowRight"], act: ({ model }) => model.jump(JUMP_MS) },
  { name: "backFar", keys: ["PageDown"], act: ({ model }) => model.jump(-FAR * JUMP_MS) },
  { name: "forwardFar", keys: ["PageUp"], act: ({ model }) => model.jump(FAR * JUMP_MS) },
  { name: "start", keys: ["Home"], act: ({ model }) => model.seek(0) },
  { name: "end", keys: ["End"], act: ({ model }) => model.seek(model.durationMs) },
  { name: "previousFrame", keys: [","], act: ({ model }) => model.stepPicture(-1) },
  { name: "nextFrame", keys: ["."], act: ({ model }) => model.stepPicture(1) },
  { name: "previousEvent", keys: ["p"], act: ({ model }) => model.goToEvent(-1) },
  { name: "nextEvent", keys: ["n"], act: ({ model }) => model.goToEvent(1) },
  { name: "slower", keys: ["<"], act: ({ model }) => model.changeRate(-1) },
  { name: "faster", keys: [">"], act: ({ model }) => model.changeRate(1) },
  {
    name: "silence",
    keys: ["s"],
    act: ({ model }) => model.chooseSkips({ silence: !model.skipChoice.value.silence }),
  },
  {
    name: "hold",
    keys: ["h"],
    act: ({ model }) => model.chooseSkips({ hold: !model.skipChoice.value.hold }),
  },
  { name: "loop", keys: ["a"], act: ({ model }) => model.markLoop() },
  {
    name: "mute",
    keys: ["m"],
    act: ({ model }) => model.setVolume({ isMuted: !model.volume.value.isMuted }),
  },
  { name: "layout", keys: ["v"], act: ({ model }) => (model.layout.value = nextLayout(model)) },
  {
    name: "large",
    keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    shown: ["1 … 9"],
    act: () => {},
  },
  { name: "zoomIn", keys: ["+"], act: ({ model }) => model.zoomTimeline(2) },
  { name: "zoomOut", keys: ["-"], act: ({ model }) => model.zoomTimeline(0.5) },
  { name: "fullScreen", keys: ["f"], act: (player) => player.toggleFullScreen() },
  { name: "link", keys: ["l"], act: (player) => player.copyLink() },
  { name: "note", keys: ["c"], act: (player) => player.addNote() },
  { name: "debug", keys: ["d"], act: ({ model }) => (model.isDebugOpen.value = !model.isDebugOpen.value) },
  { name: "help", keys: ["?"], act: ({ model }) => (model.isHelpOpen.value = !model.isHelpOpen.value) },
  { name: "leave", keys: ["Escape"], act: ({ model }) => (model.layout.value = "grid") },
];

function nextLayout(model: PlayerModel) {
  return LAYOUTS[(LAYOUTS.indexOf(model.layout.value) + 1) % LAYOUTS.length] ?? "grid";
}

/** Keys of the player, wherever the focus is, except where the focused control needs the key itself. */
export function listenToKeys(player: PlayerActions, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || ownsKey(event)) return;
    const shortcut = SHORTCUTS.find(
      ({ keys }) => keys.includes(event.key) || keys.includes(event.key.toLowerCase()),
    );
    if (shortcut === undefined) return;
    event.preventDefault();
    if (shortcut.name === "large") player.model.showLarge(Number(event.key) - 1);
    else shortcut.act(player);
  };
  document.addEventListener("keydown", onKey, { signal });
}

function ownsKey({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("dialog, [role=menu]") !== null) return true;
  if (target.matches("input[type=range]")) return /^(Arrow|Page|Home|End)/.test(key);
  if (target.matches("input[type=checkbox]")) return key === " ";
  if (target.matches("input, select, textarea")) return key !== "Escape";
  if (target.matches("[role=tab]")) return /^(Arrow|Home|End)/.test(key) || key === " ";
  return (key === " " || key === "Enter") && target.matches("button, a");
}
