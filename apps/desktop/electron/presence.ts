import { powerMonitor } from "electron";
import type { Log } from "#shared/runtime/log.ts";
import type { SessionPresence } from "../agent/ports.ts";
import { sessionPresence } from "../agent/session-presence.ts";
import { sessionReader } from "./session-reader.ts";

/**
 * The session as Electron's powerMonitor tells of it (locks on Windows and macOS, sleep everywhere), and as the operating
 * system says when it is asked. Only after the app is ready.
 */
export function electronPresence(log: Log): SessionPresence {
  return sessionPresence({
    // Its declaration has an overload for each name.
    on: (event, listener) => void powerMonitor.on(event as "suspend", listener),
    // A second of idleness is no matter.
    isLockedAtFirst: powerMonitor.getSystemIdleState(1) === "locked",
    read: sessionReader(),
    log,
  });
}
