import { JUMP_MS, type TransportActions } from "./transport.ts";

/** Keys of the player, wherever the focus is, except where the focused control needs the key itself. */
export function listenToKeys(
  actions: TransportActions & { leaveEnlarged(): void },
  signal: AbortSignal,
): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || ownsKey(event)) return;
    const action = actionOf(event.key, actions);
    if (action === null) return;
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", onKey, { signal });
}

function actionOf(key: string, actions: TransportActions & { leaveEnlarged(): void }): (() => void) | null {
  switch (key) {
    case " ":
    case "k":
      return () => actions.toggle();
    case "ArrowLeft":
      return () => actions.jump(-JUMP_MS);
    case "ArrowRight":
      return () => actions.jump(JUMP_MS);
    case "Home":
      return () => actions.jump(Number.NEGATIVE_INFINITY);
    case "Escape":
      return () => actions.leaveEnlarged();
    default:
      return null;
  }
}

function ownsKey(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (target.matches("input, select, textarea")) return true;
  return event.key === " " && target.matches("button, a");
}
