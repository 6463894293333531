import { powerMonitor } from "electron";
import type { SessionLock } from "../agent/ports.ts";

/**
 * The lock screen, as Electron's powerMonitor tells of it: Windows and macOS, there also when another user's session is
 * shown, which locks this one on Windows. Linux tells nothing. Only after the app is ready.
 */
export function electronSessionLock(): SessionLock {
  // What came before us is asked for; a second of idleness is no matter.
  const state = { isLocked: powerMonitor.getSystemIdleState(1) === "locked", isAway: false };
  const isHidden = () => state.isLocked || state.isAway;
  const listeners = new Set<() => void>();
  // A session may be shown again while it is still locked, so the two are apart.
  const note = (change: Partial<typeof state>) => () => {
    const before = isHidden();
    Object.assign(state, change);
    if (isHidden() === before) return;
    for (const listener of listeners) listener();
  };
  powerMonitor.on("lock-screen", note({ isLocked: true }));
  powerMonitor.on("unlock-screen", note({ isLocked: false }));
  powerMonitor.on("user-did-resign-active", note({ isAway: true }));
  powerMonitor.on("user-did-become-active", note({ isAway: false }));
  return {
    isLocked: isHidden,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
