import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { type Presence, PRESENT } from "../domain/presence.ts";
import type { SessionReading } from "../domain/session-reading.ts";
import type { SessionPresence } from "./ports.ts";

/** How often the session is read while a call is on: it starts a program each time. */
const READ_EVERY_MS: DurationMs = 5_000;

/** The events of Electron's powerMonitor that matter here. */
type PresenceEvent =
  | "lock-screen"
  | "unlock-screen"
  | "suspend"
  | "resume"
  | "user-did-resign-active"
  | "user-did-become-active";

export interface PresenceOptions {
  on: (event: PresenceEvent, listener: () => void) => void;
  /** What came before us. */
  isLockedAtFirst: boolean;
  /** Asks the operating system for what it gives no events of; null where it gives them all. Null = it does not say. */
  read: (() => Promise<SessionReading | null>) | null;
  log: Log;
}

/**
 * Puts together what events say of the session and what has to be asked. Events come twice, in any order; only changes are
 * told. The session is asked for while it is watched, and when it is locked, because a remote session that loses its client
 * is locked as well.
 */
export function sessionPresence({ on, isLockedAtFirst, read, log }: PresenceOptions): SessionPresence {
  let presence: Presence = { ...PRESENT, isLocked: isLockedAtFirst };
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | null = null;
  let isReading = false;
  let hasFailed = false;
  /** Counts the events of the lock, of which only the last one holds. */
  let lockEvents = 0;

  function note(change: Partial<Presence>): void {
    const before = JSON.stringify(presence);
    presence = { ...presence, ...change };
    if (JSON.stringify(presence) === before) return;
    log.info({ ...presence }, "session changed its presence");
    for (const listener of listeners) listener();
  }

  async function look(): Promise<Partial<Presence>> {
    if (read === null || isReading) return {};
    isReading = true;
    try {
      const reading = await read();
      hasFailed = false;
      return reading ?? {};
    } catch (error) {
      // Said once: it would be said every few seconds.
      if (!hasFailed) log.warn({ reason: describeError(error) }, "session could not be read");
      hasFailed = true;
      return {};
    } finally {
      isReading = false;
    }
  }

  /** What the event says and what is read are one change; what a later event says is not undone by it. */
  async function noteLock(isLocked: boolean): Promise<void> {
    lockEvents += 1;
    const event = lockEvents;
    if (read === null || isReading) return note({ isLocked });
    const reading = await look();
    note(event === lockEvents ? { ...reading, isLocked } : reading);
  }

  on("lock-screen", () => void noteLock(true));
  on("unlock-screen", () => void noteLock(false));
  on("suspend", () => note({ isAsleep: true }));
  on("resume", () => note({ isAsleep: false }));
  // macOS, where the lock is another matter: a session may be shown again while it is still locked.
  on("user-did-resign-active", () => note({ isDisconnected: true }));
  on("user-did-become-active", () => note({ isDisconnected: false }));

  return {
    presence: () => presence,
    watch(isWatched) {
      if (read === null || isWatched === (timer !== null)) return;
      if (timer !== null) clearInterval(timer);
      timer = isWatched ? setInterval(() => void look().then(note), READ_EVERY_MS) : null;
      if (isWatched) void look().then(note);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
