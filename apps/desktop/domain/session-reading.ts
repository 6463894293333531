import type { Presence } from "./presence.ts";

/** What a program of the operating system says of our session. */
export type SessionReading = Pick<Presence, "isDisconnected"> & Partial<Pick<Presence, "isLocked">>;

/** The properties of org.freedesktop.login1.Session that {@link parseBusctl} reads, in this order. */
export const LOGIND_PROPERTIES = ["Active", "LockedHint"] as const;

/**
 * `busctl get-property`: a line for each property, `b true` or `b false`. A session is inactive when another one is on its
 * seat; `LockedHint` is what the desktop environment says of its lock screen.
 *
 * @returns null when it says nothing of a session.
 */
export function parseBusctl(text: string): SessionReading | null {
  const [active, locked] = text.split("\n").map((line) => line.trim());
  if (active !== "b true" && active !== "b false") return null;
  return { isDisconnected: active === "b false", isLocked: locked === "b true" };
}

/**
 * `qwinsta` of Windows: a table of sessions, in which `>` marks ours. Its words are translated, so only places count: a
 * session that is connected has a name (`console`, `rdp-tcp#5`, `ica-tcp#3`) right behind the mark, a disconnected one has
 * blanks there.
 *
 * @returns null when none is marked.
 */
export function parseQwinsta(text: string): SessionReading | null {
  const own = text.split(/\r?\n/).find((line) => line.startsWith(">"));
  if (own === undefined) return null;
  return { isDisconnected: own.length < 2 || own[1] === " " };
}
