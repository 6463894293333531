import type { DesktopEntry } from "../call-buffer/desktop-store.ts";

/** So many are named; the list has them all. */
const NAMED = 3;

/** What an admin has to look at, in words; null: nothing. */
export function describeDoubts(inDoubt: readonly DesktopEntry[]): string | null {
  const waiting = inDoubt.filter(({ state }) => state === "pending");
  const working = inDoubt.filter(({ state }) => state === "active");
  const parts = [
    ...describe(waiting, "waits for approval", "wait for approval"),
    ...describe(working, "works and is to be looked at", "work and are to be looked at"),
  ];
  if (parts.length === 0) return null;
  return `${parts.join("; ")}. GET /v1/desktops lists them; approve or revoke each`;
}

function describe(desktops: readonly DesktopEntry[], one: string, many: string): string[] {
  if (desktops.length === 0) return [];
  const names = desktops
    .slice(0, NAMED)
    .map(({ device, osUser, agent, alarm }) => `${device} (${agent ?? osUser}, ${alarm})`);
  const rest = desktops.length - names.length;
  const list = rest > 0 ? `${names.join(", ")} and ${rest} more` : names.join(", ");
  return [`${desktops.length} ${desktops.length === 1 ? `desktop ${one}` : `desktops ${many}`}: ${list}`];
}
