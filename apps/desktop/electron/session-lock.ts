import { powerMonitor } from "electron";
import type { SessionLock } from "../agent/ports.ts";

/**
 * The lock screen, as Electron's powerMonitor tells of it: Windows and macOS, there also when another user's session is
 * shown, which locks this one on Windows. Linux tells nothing. Only after the app is ready.
 */
export function electronSessionLock(): SessionLock {
  // What came before us is asked for; a second of idleness is no matter.
  let isLocked = powerMonitor.getSystemIdleState(1) === "locked";
  const listeners = new Set<() => void>();
  const note = (locked: boolean) => () => {
    if (locked === isLocked) return;
    isLocked = locked;
    for (const listener of listeners) listener();
  };
  powerMonitor.on("lock-screen", note(true));
  powerMonitor.on("unlock-screen", note(false));
  powerMonitor.on("user-did-resign-active", note(true));
  powerMonitor.on("user-did-become-active", note(false));
  return {
    isLocked: () => isLocked,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
